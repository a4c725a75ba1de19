// This file implements reading and writing of modules as files.
#include "npir/Serialization/ModuleIO.h"
#include "BytecodeChecksum.h"
#include "CrashGuard.h"
#include "UseLists.h"

#include "npir/Support/AtomicFile.h"

#include "mlir/Bytecode/BytecodeWriter.h"
#include "mlir/IR/Diagnostics.h"
#include "mlir/Parser/Parser.h"
#include "mlir/Support/FileUtilities.h"
#include "llvm/Support/SourceMgr.h"

using namespace mlir;
using namespace mlir::npir;

/// The location of a file as a whole.
static Location getFileLoc(MLIRContext *context, StringRef path) {
  return FileLineColLoc::get(context, path, 0, 0);
}

/// True for what begins with bytes that no text has.
static bool looksBinary(StringRef text) {
  return llvm::any_of(text.take_front(64), [](char c) {
    return static_cast<unsigned char>(c) < ' ' &&
           !StringRef("\t\n\v\f\r").contains(c);
  });
}

OwningOpRef<ModuleOp> mlir::npir::loadModule(StringRef path,
                                             MLIRContext *context,
                                             const LoadOptions &options) {
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInputFile(path, &message);
  if (!buffer) {
    emitError(getFileLoc(context, path)) << message;
    return nullptr;
  }
  size_t fileBytes = buffer->getBufferSize();
  bool isBytecode = buffer->getBuffer().starts_with("ML\xefR");
  if (path.ends_with(".mlirbc") && !isBytecode) {
    emitError(getFileLoc(context, path))
        << "expected bytecode, got something else; the file is damaged or "
           "truncated, or it is text and should be named *.mlir";
    return nullptr;
  }
  // The parser would show its first bytes.
  if (!isBytecode && looksBinary(buffer->getBuffer())) {
    emitError(getFileLoc(context, path))
        << "expected a module, as text or bytecode, got something else; models "
           "are brought in by python -m npir.import_onnx or "
           "npir.import_torch";
    return nullptr;
  }
  if (llvm::Error error = verifyBytecodeChecksum(buffer->getBuffer())) {
    emitError(getFileLoc(context, path)) << llvm::toString(std::move(error));
    return nullptr;
  }
  // Shared, so that the blobs of a bytecode file can stay in the mapping.
  auto sourceMgr = std::make_shared<llvm::SourceMgr>();
  sourceMgr->AddNewSourceBuffer(std::move(buffer), llvm::SMLoc());
  std::optional<CrashGuard> guard;
  if (options.exitOnCrash && isBytecode)
    guard.emplace(path.str(), fileBytes);
  return parseSourceFile<ModuleOp>(sourceMgr, ParserConfig(context));
}

bool mlir::npir::isForeignBytecode(StringRef path) {
  std::string message;
  std::unique_ptr<llvm::MemoryBuffer> buffer = openInputFile(path, &message);
  return buffer && buffer->getBuffer().starts_with("ML\xefR") &&
         !hasBytecodeChecksum(buffer->getBuffer());
}

/// The producer string with the checksum of `module`'s bytecode. Serializes it
/// without keeping anything; the weights are hashed in place.
static FailureOr<std::string> computeProducer(ModuleOp module) {
  ChecksumStream checksum;
  if (failed(writeBytecodeToFile(module, checksum,
                                 BytecodeWriterConfig(getProducer(0)))))
    return failure();
  return getProducer(checksum.finish());
}

LogicalResult mlir::npir::saveModule(ModuleOp module, StringRef path,
                                     ModuleFormat format,
                                     OpPrintingFlags flags) {
  bool bytecode =
      format == ModuleFormat::Bytecode ||
      (format == ModuleFormat::ByExtension && path.ends_with(".mlirbc"));
  FailureOr<std::string> producer = std::string();
  if (bytecode)
    sortUseLists(module);
  if (bytecode && failed(producer = computeProducer(module)))
    return failure();
  llvm::Error error = writeFileAtomically(path, [&](raw_ostream &os) {
    // The writer failed above already, if it can fail.
    if (bytecode)
      (void)writeBytecodeToFile(module, os, BytecodeWriterConfig(*producer));
    else
      module.print(os, flags);
  });
  if (error)
    return emitError(UnknownLoc::get(module.getContext()))
           << llvm::toString(std::move(error));
  return success();
}
