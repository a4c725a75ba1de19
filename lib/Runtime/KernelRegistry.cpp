// This file implements the kernel registry.
#include "npir/Runtime/KernelRegistry.h"
#include "Kernels.h"

namespace npir_rt {

Kernel::~Kernel() = default;

Status Kernel::reshape(int64_t) { return Status::success(); }

const KernelRegistry &KernelRegistry::builtin() {
  static const KernelRegistry registry = [] {
    KernelRegistry built;
    addXnnKernels(built);
    addNpirKernels(built);
    return built;
  }();
  return registry;
}

static std::string key(const std::string &name, uint32_t version) {
  return name + "@" + std::to_string(version);
}

void KernelRegistry::add(KernelDef def) {
  std::string id = key(def.name, def.version);
  kernels[id] = std::move(def);
}

Expected<const KernelDef *> KernelRegistry::find(const Op &op) const {
  auto found = kernels.find(key(op.kernel, op.version));
  if (found != kernels.end())
    return &found->second;
  return Status::error("op '" + op.name + "': this runtime has no kernel '" +
                       op.kernel + "' of version " +
                       std::to_string(op.version));
}

} // namespace npir_rt
