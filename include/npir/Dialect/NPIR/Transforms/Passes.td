// This file defines the passes over the npir dialect, in the order of the road.
#ifndef NPIR_DIALECT_NPIR_TRANSFORMS_PASSES_TD
#define NPIR_DIALECT_NPIR_TRANSFORMS_PASSES_TD

include "mlir/Pass/PassBase.td"

//===----------------------------------------------------------------------===//
// float -> prepared
//===----------------------------------------------------------------------===//

def PreparePass : Pass<"npir-prepare", "::mlir::ModuleOp"> {
  let summary = "Bring float functions to the form that is observed and quantized";
  let description = [{
    Takes functions at `float`, leaves them at `prepared`. From here on the tensors are the ones that are named, observed
    and reported. In this order:

    - Layout. Importers write convolutions and pools in NHWC between transposes, and all else in the source's NCHW. The
      other ops are moved to NHWC, and transposes meet and cancel; what remains stands at inputs and outputs, or makes the
      heads of an attention. A transpose that moves only dimensions of size 1 becomes a reshape; a flatten before a linear
      layer permutes the columns of its weight; a product of matrices takes its right operand transposed where that spares a
      transpose; constants are transposed now.
    - GELU (with erf or tanh), SiLU, hard swish, mish and layer normalization that are written in small ops become one op,
      whatever the order of their factors. It is called `<path>/gelu`, `<path>/silu`, `<path>/layer_norm` and so on after the path
      that the names of its parts share, as `/blocks.0/mlp/act/gelu` for `/blocks.0/mlp/act/Div` and its like; without one it
      has the name of the part that tells most.
    - Padding with zeros becomes the padding of the convolution or mean behind it, and padding with the lowest value that of a maximum pool.
    - A sum, difference, product or quotient with a constant, one number for each channel or one for all, becomes part of
      the convolution, linear layer or layer normalization before it: a product of matrices and a sum are a linear layer
      with a bias. One number for all passes reshapes and transposes on its way up, and as a factor products of matrices
      on their left side. A division by a constant that stays becomes a multiplication, which has a form on integers.
      So does batch norm become part of the layer before it; where there is none (or it has other users, or is clamped) it
      becomes a 1x1 depthwise convolution. All of that is computed in double.
    - ReLU and clamp become the clamp range of the op before them.
    - Every tensor gets a unique name: a name's second owner `name` is called `name_1`, an op without one `conv2d_0`.
      Names that end in `.quantize` or `.dequantize` are left to later passes.
    - The module gets `npir.model_hash`, over structure and weights, whatever the names.

    Weights are copied only where their values change or move.

    Functions at `qdq`, as an importer makes of a quantized network, stay there and get the same form. Quantize and dequantize take any
    layout; what moves between them is quantized again to the same type, which loses nothing; integers are transposed as
    integers, the axis of their scales with them, and never multiplied.

    ```mlir
    %0 = npir.transpose %x {perm = array<i64: 0, 2, 3, 1>} : tensor<?x1x8x8xf32> -> tensor<?x8x8x1xf32>
    %1 = npir.conv2d %0, %w {strides = array<i64: 2, 2>} : (tensor<?x8x8x1xf32>, tensor<2x1x1x1xf32>) -> tensor<?x4x4x2xf32> loc("conv")
    %2 = npir.transpose %1 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x2xf32> -> tensor<?x2x4x4xf32>
    %3 = npir.batch_norm %2, %scale, %offset, %mean, %variance {axis = 1 : i64, epsilon = 1.0 : f32}
        : (tensor<?x2x4x4xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2x4x4xf32> loc("norm")
    %4 = npir.relu %3 : tensor<?x2x4x4xf32> -> tensor<?x2x4x4xf32> loc("relu")
    return %4 : tensor<?x2x4x4xf32>
    // ==>
    %0 = npir.reshape %x : tensor<?x1x8x8xf32> -> tensor<?x8x8x1xf32>
    %1 = npir.conv2d %0, %w, %b {clamp_min = 0.0 : f32, strides = array<i64: 2, 2>}
        : (tensor<?x8x8x1xf32>, tensor<2x1x1x1xf32>, tensor<2xf32>) -> tensor<?x4x4x2xf32> loc(fused["conv", "norm", "relu"])
    %2 = npir.transpose %1 {perm = array<i64: 0, 3, 1, 2>} : tensor<?x4x4x2xf32> -> tensor<?x2x4x4xf32>
    return %2 : tensor<?x2x4x4xf32>
    ```
    (test/Dialect/NPIR/prepare.mlir; each step has a file `prepare-*.mlir` beside it.)
  }];
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
}

//===----------------------------------------------------------------------===//
// prepared -> observed -> calibrated
//===----------------------------------------------------------------------===//

def InsertObserversPass : Pass<"npir-insert-observers", "::mlir::ModuleOp"> {
  let summary = "Mark every quantizable tensor with the spec that the configuration gives it";
  let description = [{
    From `prepared` to `observed`. Each f32 activation that goes into or comes out of a layer (QuantizableOpInterface), and each
    weight of one, gets one `npir.observe` for all of its uses, whether any target computes the layer in integers or not. The
    configuration is asked for an activation under the layer that makes it (a graph input under its own name, with op type
    `input`), for a weight under the layer that reads it; where several layers share a weight the first one decides. Without a file the built-in
    default holds: int8, activations affine per tensor, weights symmetric per channel. A constant activation, and a weight
    whose users disagree on the channel axis, have one scale. A configuration rule that matches nothing is an error.

    With `granularity: per_row` (`dynamic: true`) an activation is quantized when the network runs, where a linear layer reads it; one
    that no such layer reads stays float. Weights of linear layers may have a scale for every group of input channels; where groups do
    not divide them, or there is no such layer, they get one for each output channel, with a warning. `npir.scheme_note` on a layer
    tells where it has another scheme than was asked for; `--npir-report-coverage` shows it.

    `explain` writes for each tensor what it was asked for as, its spec, and for every key the place in the configuration that set it.

    A tensor that a rule names, be it without any key, is `requested`: an order that holds on every target; a default is none. Role
    names such as `kv_act` mean tensors of transformer blocks, which are found by their structure, whatever the layers are called:
    attention is a softmax of a product of two activations, multiplied with a third; an MLP a linear layer on a function of
    linear layers, added to what goes into it. Scaling, masks and whatever moves values may stand between, and blocks may be
    pre-norm or post-norm (include/npir/Analysis/TransformerRoles.h).

    ```mlir
    %y = npir.conv2d %x, %w, %b : ... loc("conv")
    ```
    becomes
    ```mlir
    %0 = npir.observe %x {id = "input:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>}
    %1 = npir.observe %w {id = "conv.weight:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>}
    %y = npir.conv2d %0, %1, %b : ... loc("conv")
    %2 = npir.observe %y {id = "conv:0", ...}
    ```
  }];
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
  let options = [
    Option<"config", "config", "std::string", /*default=*/"", "Configuration file (YAML), or preset:NAME">,
    Option<"explanation", "explain", "std::string", /*default=*/"",
      "Write for each tensor which rule decided what: - is standard output, a name in .json gives JSON">,
    Option<"strict", "strict", "bool", /*default=*/"false", "Groups that do not divide a weight are an error">,
  ];
}

def AttachCalibrationPass : Pass<"npir-attach-calibration", "::mlir::ModuleOp"> {
  let summary = "Resolve the quantized type of every observed tensor from statistics";
  let description = [{
    From `observed` (or `calibrated`: attach again) to `calibrated`. The spec's observer turns the statistics of a tensor, and
    the values of a constant, into its quantized type. Tensors with an op between them that only moves or selects values
    (getSameScaleOperands) share one type over the values of all, with the spec of the first `requested` one, else the first. An
    activation with one scale per channel also gets a type per tensor, for targets without the former. The scale of weight
    channel c is raised where an int32 could not hold
    `bias[c] / (input scale * scale[c])` with room, or the requantization multiplier would be below 2^-31; a channel of zeros
    takes a scale that keeps its bias exact to 1/1024 of a step of the result.

    With `config` another configuration takes the place of the one that the network was observed with, as if
    `--npir-insert-observers` had read it: so one observed network and one file of statistics serve any observer, bits or
    granularity.

    A range that an op's mathematics fixes (sigmoid, tanh, softmax) stands for the statistics of the op's result, and of copies of
    it, where the configuration names none of them. A `requested` tensor's observer decides.

    Where the module has `npir.clip_weights`, observer `auto` counts what a range of an activation cuts off as often as they say
    (`--npir-tune-ranges`).

    The values of constants, which the observers search exactly, are shared out over the threads of the context.

    One warning each tells of the channels that have too few values for their observer, of those that do not follow sigma, of
    unsigned symmetric grids on negative values, and of each observer that wants more batches than there were. With `explain`, a remark tells of each tensor which range its observer found (`auto`: and which observer that is),
    the signal-to-quantization-noise ratio and the share of values that are clipped: of a constant as measured, of an activation
    as its histogram lets expect.

    ```mlir
    %0 = npir.observe %x {id = "input:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>}
    ```
    with `"min": -1.0, "max": 1.5` in the file becomes
    ```mlir
    %0 = npir.observe %x {id = "input:0", ..., resolved = !quant.uniform<i8:f32, 0.0098039219155907631:-26>}
    ```
  }];
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
  let options = [
    Option<"stats", "stats", "std::string", /*default=*/"", "Statistics file (.npirstats)">,
    Option<"config", "config", "std::string", /*default=*/"",
      "Another configuration (YAML, or preset:NAME), in place of the one that the network was observed with">,
    Option<"explain", "explain", "bool", /*default=*/"false",
      "Remark for each tensor: its range, the observer that found it, its signal-to-noise ratio, and what is clipped">,
  ];
}

//===----------------------------------------------------------------------===//
// calibrated -> qdq -> integer
//===----------------------------------------------------------------------===//

def InsertQDQPass : Pass<"npir-insert-qdq", "::mlir::ModuleOp"> {
  let summary = "Replace observers by quantize/dequantize pairs and store weights as integers";
  let description = [{
    From `calibrated` to `qdq`. An observed tensor is quantized and dequantized; an observed weight, a constant, is stored quantized
    and dequantized; a tensor with the spec `none` is left as it is. `requested` stays on the quantize op. Where a layer's input and
    weight are integers, its bias becomes the multiple of `input scale * weight scale` that it will be as an integer, if it fits
    in 32 bits: so station `qdq` computes what the integers will.

    ```mlir
    %0 = npir.observe %x {id = "input:0", ..., resolved = !qx} : tensor<?x2xf32>
    %1 = npir.observe %w {id = "fc.weight:0", ..., resolved = !qw} : tensor<2x2xf32>
    ```
    becomes
    ```mlir
    %q = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qx> loc("input.quantize")
    %0 = npir.dequantize %q : tensor<?x2x!qx> -> tensor<?x2xf32> loc("input.dequantize")
    %w = npir.constant dense<[[0, -127], [2, 127]]> : tensor<2x2xi8> as tensor<2x2x!qw> loc("fc.weight")
    %1 = npir.dequantize %w : tensor<2x2x!qw> -> tensor<2x2xf32> loc("fc.weight.dequantize")
    ```
  }];
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
}

def CanonicalizeQDQPass : Pass<"npir-canonicalize-qdq", "::mlir::ModuleOp"> {
  let summary = "Bring quantize/dequantize pairs to where layers can compute in integers, with as few as possible";
  let description = [{
    From `qdq` to `qdq`, whether the pairs come from `--npir-insert-qdq` or from a network that was quantized elsewhere. It changes
    no bit of what is computed from finite numbers, unless `allow-rounding` is set:

    - Pairs. A second quantize or dequantize of one value to one type is the first one, also where the integers are only moved (u8
      with zero point 128, i8 with 0). `quantize(dequantize(q))` to the type of q is q, a pair of numbers that are on its
      grid is none, and what has no use goes. `dequantize(quantize(x))` is not x and stays. So do the integers that a caller gives or gets:
      they are not moved.
    - Orders. A `requested` rounding of numbers that are on its grid for certain, for a layer has only moved them since an order,
      or since they were stored, is no order any more.
    - Layers that hand numbers on (those with same-scale operands, such as reshape, concat and max pool, and relu and clamp)
      come between pairs of one type, so that they move integers. Behind a layer whose operands are all of one type the pair of that
      type is made: it rounds nothing. Before one whose result is quantized, pairs of the result's type are made where
      the layer before could compute in integers then, or an operand of another type is converted: an operand of a concat
      with another scale is a requantization, and no other operand changes. Between two types fewest elements are requantized: behind
      a slice, before a broadcast, and once before several layers that move one value to one type, such as the parts of a split.
    - Relu and clamp become the clamp range of the layer before, also if a pair of the same type is between. One that the rounding
      before or behind it implies goes; that quantize is `requested` from then on, for it does the clamp's work.
    - Constants. Weights and biases that are quantized in the network are stored as integers, to the bit. Transposes and
      reshapes of stored constants are done now. What layers read in float in any case, such as the scale of a layer
      normalization, becomes float constants. A weight with another zero point than 0 is stored by the distances from it
      where these fit in 8 bits. A channel of zeros with a tiny scale takes the largest of the others. A bias stays
      as it is: `--npir-fold-qdq`, which knows the scales that the layer computes with, makes it an int32.

    A requantization is a dequantize with a quantize to another type behind it; `--npir-fold-qdq` makes one op of them. Two roundings
    to unequal types are never merged into one here, for that changes numbers. With `allow-rounding` they are; a result that is
    read both rounded and not, or rounded to several types, is rounded once for all; and a result whose range
    mathematics fixes (sigmoid, tanh, softmax), and that goes unrounded to a layer which could compute in integers, is rounded in 8 bits.
    A weight whose distances from its zero point do not fit in 8 bits is rounded again, to a type with zero point 0.

    `explain` tells what was done, in one remark for each function.

    ```mlir
    %0 = npir.conv2d %x, %w : (tensor<?x4x4x2xf32>, tensor<4x1x1x2xf32>) -> tensor<?x4x4x4xf32>
    %1 = npir.max_pool2d %0 {kernel = array<i64: 4, 4>} : tensor<?x4x4x4xf32> -> tensor<?x1x1x4xf32>
    %2 = npir.reshape %1 : tensor<?x1x1x4xf32> -> tensor<?x4xf32>
    %3 = npir.quantize %2 : tensor<?x4xf32> -> tensor<?x4x!qa>
    ```
    becomes
    ```mlir
    %0 = npir.conv2d %x, %w : (tensor<?x4x4x2xf32>, tensor<4x1x1x2xf32>) -> tensor<?x4x4x4xf32>
    %1 = npir.quantize %0 : tensor<?x4x4x4xf32> -> tensor<?x4x4x4x!qa>
    %2 = npir.dequantize %1 : tensor<?x4x4x4x!qa> -> tensor<?x4x4x4xf32>
    %3 = npir.max_pool2d %2 {kernel = array<i64: 4, 4>} : tensor<?x4x4x4xf32> -> tensor<?x1x1x4xf32>
    %4 = npir.quantize %3 : tensor<?x1x1x4xf32> -> tensor<?x1x1x4x!qa>
    %5 = npir.dequantize %4 : tensor<?x1x1x4x!qa> -> tensor<?x1x1x4xf32>
    %6 = npir.reshape %5 : tensor<?x1x1x4xf32> -> tensor<?x4xf32>
    %7 = npir.quantize %6 : tensor<?x4xf32> -> tensor<?x4x!qa>
    ```
    (test/Dialect/NPIR/canonicalize-qdq*.mlir.)
  }];
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
  let options = [
    Option<"allowRounding", "allow-rounding", "bool", /*default=*/"false",
      "Change numbers within a step of their grids where that spares roundings or lets layers compute in integers">,
    Option<"explain", "explain", "bool", /*default=*/"false", "Remark for each function: how often each rule applied">,
  ];
}

def SetBoundaryPass : Pass<"npir-set-boundary", "::mlir::ModuleOp"> {
  let summary = "Choose what a program's inputs and outputs are: types and layout";
  let description = [{
    From `qdq` to `qdq`. Each f32 input and output of the entry function becomes what `io` says: `float` (as it is), `quantized` (the 8-bit
    integers of its own quantized type), or `uint8`. `io=KIND` is for all, `io=NAME:KIND` for one. Indices and truth values stay
    as they are. Calibration is before it, so its samples are those of the source model.

    An input of `uint8` is raw pixels: pixel p stands for `(p - mean) / std`, with one number each or one for each channel, in units of pixels;
    without them for p itself. With one std and a mean that is a pixel's value these are the input's scale and zero point:
    `scale = 1 / std` in f32, `zero_point = mean`. No pixel is then rounded, so that type takes the place of the calibrated
    one, and that of the copies of the input below it, but for those that a rule of the configuration names. Any other
    normalization is computed in f32 from the pixels, `(p - mean) * (1 / std)`, the factor rounded to f32, and then quantized as
    calibrated. A warning tells of pixels whose range is far from the calibrated one. An output of `uint8` is the quantized one with
    128 added.

    `input-layout=nhwc` lets the user give inputs with their channels last: transposes to that layout below an input go, and what
    reads the source's own layout gets a transpose back.

    ```mlir
    func.func @main(%x: tensor<?x3x8x8xf32> loc("image")) -> tensor<?x2xf32> {
      %q = npir.quantize %x : tensor<?x3x8x8xf32> -> tensor<?x3x8x8x!qx>
      %d = npir.dequantize %q : tensor<?x3x8x8x!qx> -> tensor<?x3x8x8xf32>
      %t = npir.transpose %d {perm = array<i64: 0, 2, 3, 1>} : tensor<?x3x8x8xf32> -> tensor<?x8x8x3xf32>
    ```
    becomes with `io=quantized input-layout=nhwc`
    ```mlir
    func.func @main(%x: tensor<?x8x8x3x!qx> loc("image")) -> tensor<?x2x!qy> {
      %t = npir.dequantize %x : tensor<?x8x8x3x!qx> -> tensor<?x8x8x3xf32>
    ```
  }];
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
  let options = [
    ListOption<"io", "io", "std::string", "float, quantized or uint8: for all inputs and outputs, or NAME:KIND for one">,
    ListOption<"mean", "mean", "double", "Mean of an input of uint8, in units of pixels: one number, or one for each channel">,
    ListOption<"std", "std", "double", "Standard deviation likewise">,
    Option<"inputLayout", "input-layout", "std::string", /*default=*/"\"source\"", "source, or nhwc: channels last">,
  ];
}

def PartitionPass : Pass<"npir-partition", "::mlir::ModuleOp"> {
  let summary = "Assign functions to targets";
  let description = [{
    From `qdq` to `qdq`: sets `npir.target` of every function. One target for now; docs/Targets.md lists what each can do.
  }];
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
  let options = [
    ListOption<"targets", "targets", "std::string", "Targets in order of preference (xnnpack)">,
  ];
}

def FoldQDQPass : Pass<"npir-fold-qdq", "::mlir::ModuleOp"> {
  let summary = "Fold quantize/dequantize pairs into ops on quantized tensors with exact numbers";
  let description = [{
    From `qdq` to `integer`. A layer between dequantized operands and quantized results becomes the layer on quantized tensors,
    with the numbers of the exact arithmetic of the function's target in `requant`; a fused clamp becomes bounds there. Its
    bias is quantized to int32 in units of input scale * weight scale. A dequantize with a quantize to another type becomes one
    requantizing quantize, or a stored constant. Layers that only move values do so in integers or in float, such that the fewest elements
    are converted (a minimum cut); of equal choices in integers, which are smaller.

    The bias is rounded once, which is the only number that this changes before the integer arithmetic. A bias that is stored in
    just these units is taken as it is; another that is stored, by what it stands for. Where one does not fit in 32 bits the layer
    stays in float, with a warning: on our own road weights get scales that leave room (`--npir-attach-calibration`).

    A layer that the target computes in float only stays so. What it computes but for these numbers (or types) stays in float, too,
    with one warning that names the layer and the reason. Stored weights of float layers become the float constants that they stand
    for, to the bit. Activations with a scale per channel get one scale where the target knows no other. `npir.float_reason` on a
    layer tells why it is in float; `--npir-report-coverage` shows it.

    Under `strict` what gives a warning is an error, and so is a layer that the target computes in float only while its operands and
    its result are configured as integers: one error with the list of all. What the configuration leaves in float is no error.

    Integers that the target has not are held in its own where these have room for the same real numbers: XNNPACK's 8 signed bits
    have it for all of up to 8 bits, unsigned ones moved, and for fewer bits the storage range bounds what a layer computes. Of wider
    ones the pairs stay, and are roundings of floats; so numbers are those of the configuration at any width.

    A quantize/dequantize pair between a layer in float (or an input, or a constant) and layers in float (or an output) is removed,
    for it costs accuracy and saves nothing; but not where the quantize is `requested`, or the width is not the target's own: an explicit
    configuration is an order, and holds in the numbers on every target. (What an order has rounded, and a layer has moved since, is not
    rounded again.) Another type's rounding behind such a pair reads the floats. A tensor that a layer in integers makes or reads keeps
    its one rounded value for all layers that read it.

    ```mlir
    %1 = npir.matmul %q, %k {transpose_rhs} : (tensor<?x4x2xf32>, tensor<?x4x2xf32>) -> tensor<?x4x4xf32>
    %2 = npir.quantize %1 : tensor<?x4x4xf32> -> tensor<?x4x4x!qa>
    %3 = npir.dequantize %2 : tensor<?x4x4x!qa> -> tensor<?x4x4xf32>
    %4 = npir.softmax %3 : tensor<?x4x4xf32> -> tensor<?x4x4xf32>
    %5 = npir.quantize %4 {requested} : tensor<?x4x4xf32> -> tensor<?x4x4x!qp>
    %6 = npir.dequantize %5 : tensor<?x4x4x!qp> -> tensor<?x4x4xf32>
    %7 = npir.matmul %6, %v : (tensor<?x4x4xf32>, tensor<?x4x2xf32>) -> tensor<?x4x2xf32>
    ```
    becomes, for XNNPACK,
    ```mlir
    %1 = npir.matmul %q, %k {npir.float_reason = "xnnpack has no 'npir.matmul' on quantized tensors", transpose_rhs} : (...)
    %4 = npir.softmax %1 {npir.float_reason = ...} : tensor<?x4x4xf32> -> tensor<?x4x4xf32>
    %5 = npir.quantize %4 {requested} : tensor<?x4x4xf32> -> tensor<?x4x4x!qp>
    %6 = npir.dequantize %5 : tensor<?x4x4x!qp> -> tensor<?x4x4xf32>
    %7 = npir.matmul %6, %v {npir.float_reason = ...} : (...)
    ```
    and between integers:
    ```mlir
    %1 = npir.dequantize %q : tensor<?x2x!qx> -> tensor<?x2xf32>
    %2 = npir.dequantize %w : tensor<2x2x!qw> -> tensor<2x2xf32>
    %b = npir.constant dense<[0.1875, 0.15625]> : tensor<2xf32>
    %3 = npir.linear %1, %2, %b {clamp_min = 0.0 : f32, clamp_max = 6.0 : f32} : (...) -> tensor<?x2xf32>
    %4 = npir.quantize %3 : tensor<?x2xf32> -> tensor<?x2x!qy>
    ```
    becomes
    ```mlir
    %b = npir.constant dense<2> : tensor<2xi32> as tensor<2x!qb>
    %4 = npir.linear %q, %w, %b {clamp_min = 0.0 : f32, clamp_max = 6.0 : f32,
        requant = #npir.requant_f32<multipliers = [0.5, 0.25], min = 3, max = 27>} : (...) -> tensor<?x2x!qy>
    ```
  }];
  let dependentDialects = ["::mlir::npir::NPIRDialect"];
  let options = [
    Option<"strict", "strict", "bool", /*default=*/"false",
      "Fail where something cannot be computed as configured">,
  ];
}

//===----------------------------------------------------------------------===//
// Checks
//===----------------------------------------------------------------------===//

def VerifyContractPass : Pass<"npir-verify-contract", "::mlir::ModuleOp"> {
  let summary = "Check that every function keeps the contract of its station";
  let description = [{
    Takes functions at any station and leaves them as they are. One diagnostic for each violation names the layer, what was
    expected and found, and the pass that establishes it. Clauses by station:

    | from | to | clause | established by |
    |---|---|---|---|
    | float | calibrated | tensors are f32 | an importer |
    | float | prepared | nothing is observed | an importer |
    | prepared | calibrated | every tensor has a name of its own | `--npir-prepare` |
    | prepared | target | no batch norm; the module has its hash | `--npir-prepare` |
    | prepared | prepared | no transpose of a transpose | `--npir-prepare` |
    | observed | calibrated | activations of layers (QuantizableOpInterface) are observed, under unique ids | `--npir-insert-observers` |
    | observed | observed | no observer is resolved | `--npir-insert-observers` |
    | calibrated | calibrated | every observer is resolved, or has the spec `none` | `--npir-attach-calibration` |
    | qdq | target | nothing is observed | `--npir-insert-qdq` |
    | qdq | qdq | layers work on f32 between dequantize and quantize | `--npir-insert-qdq` |
    | qdq | qdq | if one function has a target, all that compute have | `--npir-partition` |
    | integer | target | functions that compute have a target | `--npir-partition` |
    | integer | target | quantized ops with integer arithmetic carry its numbers | `--npir-fold-qdq` |
    | target | target | ops are of xnn, npir or func | `--convert-npir-to-xnn` |

    ```mlir
    func.func @calibrated(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<calibrated>} {
      %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2xf32> loc("x")
    // ==>
    // error: contract of station 'calibrated' broken by layer 'x': expected a resolved type for 'x:0', got none;
    //        established by --npir-attach-calibration
    ```
    (test/Dialect/NPIR/verify-contract.mlir.)
  }];
}

def ReportCoveragePass : Pass<"npir-report-coverage", "::mlir::ModuleOp"> {
  let summary = "Tell for every layer what it is computed in, or why in float and at what cost";
  let description = [{
    For each layer: its type, the bits of its weights and activations (`W8A8`), its multiply-accumulates per sample, its weights, and at `integer`
    why it computes in float if it does. Layers in float make islands: connected sets, numbered from 1. `converted` is what an island's
    layer costs at its boundary: the elements per sample that change between integers and float there. Behind the rows, what share is in
    integers: of the MACs of layers with weights (`mac_share` in JSON), of all MACs, those of products of two activations included
    (`total_mac_share`), and of the weights (`weight_share`).

    With `targets`, each row also tells what each target makes of the layer in 8 bits: `integer`, `float` or `none`, on the target itself
    or a kernel of NPIR's, and why not integer. So it tells before calibration what a network will become; the first target then decides
    what counts as an island, and a line for each target tells the shares that it would compute in integers (`targets` in
    JSON). `strict` makes one error of all layers in float. A table on standard output, or JSON in the file `report`. The
    module stays as it is.

    ```
    npir-opt model.mlirbc --npir-prepare --npir-report-coverage="targets=xnnpack" -o /dev/null
    npir-opt integer.mlirbc --npir-report-coverage="report=coverage.json" -o /dev/null
    ```
  }];
  let options = [
    ListOption<"targets", "targets", "std::string", "Judge the layers for these targets">,
    Option<"report", "report", "std::string", /*default=*/"", "Write JSON to this file">,
    Option<"strict", "strict", "bool", /*default=*/"false", "Fail if a layer computes in float, with the list of them">,
  ];
}

def LintPass : Pass<"npir-lint", "::mlir::ModuleOp"> {
  let summary = "Find, before anything is measured, what will go wrong in integers";
  let description = [{
    Reads functions at `prepared`, `observed` or `calibrated`, every weight once, and warns with location, layer and remedy of

    - `accumulator-overflow`: a sum of products, with the weights as they will be rounded, that 32 bits may not hold;
    - `scale-ratio`: one scale for all channels that leaves some no integers; scales of channels, or at `calibrated` of tensors, that
      are too far apart for the target's multipliers;
    - `dead-channel`: output channels of zeros, or of less than 2^-20 of the layer's largest weight;
    - `shared-scale`: tensors that must share a scale (concat, maximum, where ...) whose ranges are known from the graph and differ by a factor
      of 16 or more, or whose formats in the configuration differ;
    - `bias-saturation`: a bias that 32 bits hold only if the input's range is large; at `calibrated`, that they do not hold;
    - `non-finite-weight`: NaN or infinity in a weight or a bias.

    `strict` makes errors of the warnings, `report` writes them as JSON. The module stays as it is.

    ```
    npir-opt model.mlirbc --npir-prepare --npir-lint="target=xnnpack" -o /dev/null
    ```
  }];
  let options = [
    Option<"target", "target", "std::string", /*default=*/"\"xnnpack\"", "The target to lint for">,
    Option<"report", "report", "std::string", /*default=*/"", "Write JSON to this file">,
    Option<"strict", "strict", "bool", /*default=*/"false", "Errors instead of warnings">,
  ];
}

#endif // NPIR_DIALECT_NPIR_TRANSFORMS_PASSES_TD
