// This file declares what the tests of the config formats share.
#ifndef NPIR_TEST_UNITTESTS_CONFIG_CONFIGTESTUTILS_H
#define NPIR_TEST_UNITTESTS_CONFIG_CONFIGTESTUTILS_H

#include "npir/Config/ConfigFile.h"
#include "npir/Config/ConfigResolver.h"
#include "llvm/Support/Format.h"
#include "llvm/Support/raw_ostream.h"
#include "gtest/gtest.h"

namespace mlir::npir {

/// A text and the error that reading it as `c.yaml` gives, without `c.yaml:`.
struct Mistake {
  std::string text, message;
};

/// The error of reading `text` as `c.yaml`; empty when it loads.
inline std::string errorOf(llvm::StringRef text) {
  llvm::Expected<QuantConfig> config = parseConfig(text, "c.yaml");
  return config ? "" : llvm::toString(config.takeError());
}

/// Reads `prefix` and each mistake's text.
inline void expectMistakes(const std::string &prefix,
                           llvm::ArrayRef<Mistake> mistakes) {
  for (const Mistake &mistake : mistakes)
    EXPECT_EQ(errorOf(prefix + mistake.text), "c.yaml:" + mistake.message)
        << mistake.text;
}

/// Reads `text`, which must load.
inline QuantConfig load(llvm::StringRef text) {
  llvm::Expected<QuantConfig> config = parseConfig(text, "c.yaml");
  if (config)
    return *config;
  ADD_FAILURE() << llvm::toString(config.takeError());
  return {};
}

/// The messages as `remark: file:line:column: text`, one a line.
inline std::string print(const std::vector<ConfigMessage> &messages) {
  std::string result;
  for (const ConfigMessage &message : messages) {
    const char *names[] = {"remark", "warning", "error"};
    result +=
        std::string(names[int(message.severity)]) + ": " + message.str() + "\n";
  }
  return result;
}

/// What reading `text`, which must load, has to tell.
inline std::string messagesOf(llvm::StringRef text) {
  return print(load(text).messages);
}

/// An observer as `minmax`, `percentile 0.9995`, `percentile 0.99 sigma 0.1`,
/// `kl 2048`, `omse`, `omse one-sided`.
inline std::string print(const ObserverParams &observer) {
  SpecConfig spec;
  spec.observer = observer;
  std::string text = spec.str();
  return text.substr(text.find(", ") + 2);
}

/// A spec in one line: `i8 affine per_tensor`, `u4 symmetric per_channel`,
/// `i8 symmetric narrow per_channel`, `none`.
inline std::string print(const SpecConfig &spec) {
  if (!spec.enabled)
    return "none";
  return (spec.isSigned ? "i" : "u") + std::to_string(spec.bits) +
         (spec.scheme == QuantScheme::Affine ? " affine" : " symmetric") +
         (spec.narrow ? " narrow" : "") + " " +
         spec.getValue(SpecKey::Granularity);
}

/// The spec that `config` gives a tensor.
inline std::string resolve(const QuantConfig &config, llvm::StringRef layer,
                           llvm::StringRef op, QuantRole role) {
  return print(ConfigResolver(config).resolve({layer, op, role}).spec);
}

/// The observer that `config` gives a tensor.
inline std::string resolveObserver(const QuantConfig &config,
                                   llvm::StringRef layer, llvm::StringRef op,
                                   QuantRole role) {
  return print(ConfigResolver(config).resolve({layer, op, role}).spec.observer);
}

inline constexpr QuantRole kWeight = QuantRole::Weight;
inline constexpr QuantRole kActivation = QuantRole::Activation;

} // namespace mlir::npir

#endif // NPIR_TEST_UNITTESTS_CONFIG_CONFIGTESTUTILS_H
