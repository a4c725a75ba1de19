// This file implements the npir dialect's attributes.
#include "npir/Dialect/NPIR/IR/NPIRDialect.h"

#include "mlir/IR/DialectImplementation.h"
#include "llvm/ADT/StringExtras.h"
#include "llvm/ADT/TypeSwitch.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/FormatVariadic.h"

using namespace mlir;
using namespace mlir::npir;

/// `[1.5, 2.0]`, with as many digits as it takes to read back the same f32.
static ParseResult parseExactFloats(AsmParser &parser,
                                    DenseF32ArrayAttr &floats) {
  SmallVector<float> values;
  auto parseOne = [&]() -> ParseResult {
    double value;
    if (parser.parseFloat(value))
      return failure();
    values.push_back(static_cast<float>(value));
    return success();
  };
  if (parser.parseCommaSeparatedList(AsmParser::Delimiter::Square, parseOne))
    return failure();
  floats = DenseF32ArrayAttr::get(parser.getContext(), values);
  return success();
}

static void printExactFloats(AsmPrinter &printer, DenseF32ArrayAttr floats) {
  printer << "[";
  llvm::interleaveComma(
      floats.asArrayRef(), printer.getStream(),
      [&](float value) { printer.printFloat(llvm::APFloat(value)); });
  printer << "]";
}

#include "npir/Dialect/NPIR/IR/NPIRAttrInterfaces.cpp.inc"
#define GET_ATTRDEF_CLASSES
#include "npir/Dialect/NPIR/IR/NPIRAttrs.cpp.inc"

void NPIRDialect::registerAttributes() {
  addAttributes<
#define GET_ATTRDEF_LIST
#include "npir/Dialect/NPIR/IR/NPIRAttrs.cpp.inc"
      >();
}

//===----------------------------------------------------------------------===//
// Observers
//===----------------------------------------------------------------------===//

ObserverParams MinMaxAttr::getObserverParams() const {
  return ObserverParams();
}

ObserverParams AutoAttr::getObserverParams() const {
  ObserverParams params;
  params.kind = ObserverParams::Kind::Auto;
  return params;
}

ObserverParams EMAAttr::getObserverParams() const {
  ObserverParams params;
  params.kind = ObserverParams::Kind::EMA;
  params.sigma = getSigma().getValueAsDouble();
  return params;
}

ObserverParams OMSEAttr::getObserverParams() const {
  ObserverParams params;
  params.kind = ObserverParams::Kind::OMSE;
  params.twoSided = getTwoSided();
  return params;
}

ObserverParams KLAttr::getObserverParams() const {
  ObserverParams params;
  params.kind = ObserverParams::Kind::KL;
  params.bins = getBins();
  return params;
}

ObserverParams PercentileAttr::getObserverParams() const {
  ObserverParams params;
  params.kind = ObserverParams::Kind::Percentile;
  params.alpha = getAlpha().getValueAsDouble();
  if (getSigma())
    params.sigma = getSigma().getValueAsDouble();
  return params;
}

/// `key = 0.5`, as f64.
static ParseResult parseDouble(AsmParser &parser, StringRef key,
                               FloatAttr &result) {
  double value;
  if (parser.parseKeyword(key) || parser.parseEqual() ||
      parser.parseFloat(value))
    return failure();
  result = parser.getBuilder().getF64FloatAttr(value);
  return success();
}

Attribute PercentileAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  FloatAttr alpha, sigma;
  if (parser.parseLess() || parseDouble(parser, "alpha", alpha) ||
      (succeeded(parser.parseOptionalComma()) &&
       parseDouble(parser, "sigma", sigma)) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<PercentileAttr>(loc, parser.getContext(), alpha,
                                           sigma);
}

/// The fewest digits that read back as the same double, so that a file's 0.999
/// stays one.
static std::string printDouble(double value) {
  std::string text;
  double back;
  for (int digits = 1; digits <= 17; ++digits) {
    text = llvm::formatv("{0}", llvm::format("%.*g", digits, value));
    if (llvm::to_float(text, back) && back == value)
      break;
  }
  // A literal has a point.
  if (!StringRef(text).contains('.'))
    text.insert(std::min(text.find('e'), text.size()), ".0");
  return text;
}

void PercentileAttr::print(AsmPrinter &printer) const {
  printer << "<alpha = " << printDouble(getAlpha().getValueAsDouble());
  if (getSigma())
    printer << ", sigma = " << printDouble(getSigma().getValueAsDouble());
  printer << ">";
}

/// Written so that NaN fails, too.
static bool isWithin(FloatAttr value, double least, double greatest) {
  double x = value.getValueAsDouble();
  return value.getType().isF64() && x >= least && x <= greatest;
}

LogicalResult
PercentileAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                       FloatAttr alpha, FloatAttr sigma) {
  if (!isWithin(alpha, ObserverParams::kLeastAlpha,
                ObserverParams::kGreatestAlpha))
    return emitError() << "expected alpha from 0.9 to 0.99999, got " << alpha;
  if (sigma && !isWithin(sigma, 0.0, 1.0))
    return emitError() << "expected sigma from 0 to 1, got " << sigma;
  return success();
}

Attribute EMAAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  FloatAttr sigma;
  if (parser.parseLess() || parseDouble(parser, "sigma", sigma) ||
      parser.parseGreater())
    return {};
  return parser.getChecked<EMAAttr>(loc, parser.getContext(), sigma);
}

void EMAAttr::print(AsmPrinter &printer) const {
  printer << "<sigma = " << printDouble(getSigma().getValueAsDouble()) << ">";
}

LogicalResult EMAAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                              FloatAttr sigma) {
  if (!isWithin(sigma, 0.0, 1.0))
    return emitError() << "expected sigma from 0 to 1, got " << sigma;
  return success();
}

Attribute OMSEAttr::parse(AsmParser &parser, Type) {
  bool twoSided = true;
  if (succeeded(parser.parseOptionalLess())) {
    StringRef value;
    SMLoc loc;
    if (parser.parseKeyword("two_sided") || parser.parseEqual() ||
        parser.getCurrentLocation(&loc) || parser.parseKeyword(&value) ||
        parser.parseGreater())
      return {};
    if (value != "true" && value != "false") {
      parser.emitError(loc, "expected true or false, got '") << value << "'";
      return {};
    }
    twoSided = value == "true";
  }
  return OMSEAttr::get(parser.getContext(), twoSided);
}

void OMSEAttr::print(AsmPrinter &printer) const {
  if (!getTwoSided())
    printer << "<two_sided = false>";
}

LogicalResult KLAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                             unsigned bins) {
  if (bins < ObserverParams::kLeastBins ||
      bins > ObserverParams::kGreatestBins || !llvm::isPowerOf2_32(bins))
    return emitError() << "expected bins to be a power of two from 512 to "
                          "8192, got "
                       << bins;
  return success();
}

//===----------------------------------------------------------------------===//
// SpecAttr
//===----------------------------------------------------------------------===//

/// `none`, or `i8 affine per_tensor #observer`,
/// `i8 symmetric narrow per_channel<0> #observer`.
Attribute SpecAttr::parse(AsmParser &parser, Type) {
  SMLoc loc = parser.getCurrentLocation();
  StringRef storage;
  if (parser.parseLess() || parser.parseKeyword(&storage))
    return {};
  if (storage == "none") {
    if (parser.parseGreater())
      return {};
    return SpecAttr::get(parser.getContext());
  }
  unsigned bits = 0;
  bool isSigned = storage.consume_front("i");
  if ((!isSigned && !storage.consume_front("u")) ||
      storage.getAsInteger(10, bits) || bits == 0) {
    parser.emitError(loc, "expected none, i<bits> or u<bits>");
    return {};
  }
  auto parseEnum = [&](auto symbolize, const char *what,
                       auto &value) -> ParseResult {
    StringRef keyword;
    SMLoc at = parser.getCurrentLocation();
    if (parser.parseKeyword(&keyword))
      return failure();
    auto symbol = symbolize(keyword);
    if (!symbol)
      return parser.emitError(at, "unknown ") << what << " '" << keyword << "'";
    value = *symbol;
    return success();
  };
  Scheme scheme = Scheme::Symmetric;
  if (parseEnum([](StringRef s) { return symbolizeScheme(s); }, "scheme",
                scheme))
    return {};
  bool narrow = succeeded(parser.parseOptionalKeyword("narrow"));
  Granularity granularity = Granularity::PerTensor;
  if (parseEnum([](StringRef s) { return symbolizeGranularity(s); },
                "granularity", granularity))
    return {};
  int64_t axis = -1, groupSize = 0;
  bool perGroup = granularity == Granularity::PerGroup;
  if (granularity == Granularity::PerChannel || perGroup) {
    if (parser.parseLess() || parser.parseInteger(axis) ||
        (perGroup && (parser.parseComma() || parser.parseInteger(groupSize))) ||
        parser.parseGreater())
      return {};
  }
  Attribute observer;
  if (parser.parseAttribute(observer) || parser.parseGreater())
    return {};
  return parser.getChecked<SpecAttr>(loc, parser.getContext(), bits, isSigned,
                                     scheme, narrow, granularity, axis,
                                     groupSize, observer);
}

void SpecAttr::print(AsmPrinter &printer) const {
  if (isNone()) {
    printer << "<none>";
    return;
  }
  printer << "<" << (getIsSigned() ? "i" : "u") << getBits() << " "
          << stringifyScheme(getScheme()) << (getNarrow() ? " narrow" : "")
          << " " << stringifyGranularity(getGranularity());
  if (getGranularity() == Granularity::PerChannel)
    printer << "<" << getAxis() << ">";
  if (getGranularity() == Granularity::PerGroup)
    printer << "<" << getAxis() << ", " << getGroupSize() << ">";
  printer << " ";
  printer.printAttribute(getObserver());
  printer << ">";
}

LogicalResult SpecAttr::verify(function_ref<InFlightDiagnostic()> emitError,
                               unsigned bits, bool isSigned, Scheme scheme,
                               bool narrow, Granularity granularity,
                               int64_t axis, int64_t groupSize,
                               Attribute observer) {
  if (bits == 0)
    return observer
               ? LogicalResult(emitError() << "a spec of none has no observer")
               : success();
  if (bits < 2 || bits > 16)
    return emitError() << "expected 2 to 16 bits, got " << bits;
  if (narrow && (!isSigned || scheme != Scheme::Symmetric))
    return emitError() << "narrow needs a signed symmetric spec";
  bool hasAxis = granularity == Granularity::PerChannel ||
                 granularity == Granularity::PerGroup;
  if (hasAxis && axis < 0)
    return emitError() << "expected an axis of at least 0, got " << axis;
  if (granularity == Granularity::PerGroup && groupSize < 1)
    return emitError() << "expected a group size of at least 1, got "
                       << groupSize;
  if (!observer || !isa<ObserverAttrInterface>(observer))
    return emitError() << "expected an observer attribute";
  if (isa<KLAttr>(observer) && scheme == Scheme::Affine)
    return emitError() << "expected a symmetric spec for " << observer
                       << ", which looks for one threshold on both sides of "
                          "zero; or another observer, such as #npir.omse";
  return success();
}
