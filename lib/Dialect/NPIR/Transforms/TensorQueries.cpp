// This file implements how a configuration is asked for tensors.
#include "TensorQueries.h"
#include "QuantizeUtils.h"

#include "npir/Dialect/NPIR/IR/LayerNames.h"

using namespace mlir;
using namespace mlir::npir;

TensorQueries::TensorQueries(func::FuncOp func, const QuantConfig &config,
                             ConfigResolver &resolver)
    : roles(func), resolver(resolver) {
  for (const ConfigRule &rule : config.rules)
    if (rule.between)
      subgraphs.emplace_back(&*rule.between,
                             SubgraphMembers(func, *rule.between));
}

template <typename T>
SmallVector<const Subgraph *> TensorQueries::getSubgraphs(T member) const {
  SmallVector<const Subgraph *> result;
  for (const auto &[subgraph, members] : subgraphs)
    if (members.contains(member))
      result.push_back(subgraph);
  return result;
}

TensorAnswer TensorQueries::askFor(LayerQuery query, bool wantsRoleNames) {
  TensorAnswer answer;
  answer.resolved = resolver.resolve(query);
  answer.op = query.op;
  answer.op.consume_front("npir.");
  if (wantsRoleNames)
    answer.roleNames = resolver.getRoleNames(query);
  return answer;
}

TensorAnswer TensorQueries::ask(Value value, const ObservedTensor &tensor,
                                bool wantsRoleNames) {
  if (tensor.role == Role::Activation) {
    Operation *producer = value.getDefiningOp();
    std::string argument = getTensorId(value);
    StringRef input = argument;
    input.consume_back(":0");
    LayerQuery query;
    query.layer = producer ? getLayerName(producer) : input;
    query.op =
        producer ? producer->getName().getStringRef() : StringRef(kInputOpName);
    query.roleNames = roles.getRoles(value);
    // A constant has a layer's name in its own (`attn.qkv.bias`), but is not
    // what that layer makes.
    query.areRolesKnown = roles.isInBlock(value) || getFloatConstant(value);
    SmallVector<const Subgraph *> parts =
        producer ? getSubgraphs(producer)
                 : getSubgraphs(cast<BlockArgument>(value));
    query.subgraphs = parts;
    return askFor(query, wantsRoleNames);
  }
  std::optional<TensorAnswer> first;
  for (OpOperand *use : tensor.uses) {
    Operation *user = use->getOwner();
    ArrayRef<StringRef> weightRoles = roles.getWeightRoles(user);
    SmallVector<const Subgraph *> parts = getSubgraphs(user);
    TensorAnswer answer =
        askFor({getLayerName(user), user->getName().getStringRef(),
                QuantRole::Weight, weightRoles, !weightRoles.empty(), parts},
               wantsRoleNames);
    if (!first)
      first = std::move(answer);
    else if (!(answer.resolved.spec == first->resolved.spec))
      emitWarning(value.getLoc())
          << "shared weight '" << getTensorId(value)
          << "' has several specifications; that of layer '"
          << getLayerName(tensor.uses.front()->getOwner())
          << "' is used, not that of '" << getLayerName(user) << "'";
  }
  return *first;
}
