// This file implements places and messages of a config.
#include "npir/Config/QuantConfig.h"

namespace mlir::npir {

std::string ConfigLocation::str() const {
  if (line == 0)
    return file;
  return file + ":" + std::to_string(line) + ":" + std::to_string(column);
}

std::string ConfigMessage::str() const { return loc.str() + ": " + text; }

} // namespace mlir::npir
