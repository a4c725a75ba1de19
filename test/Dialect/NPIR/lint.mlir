// RUN: npir-opt %s --npir-lint=target=xnnpack --split-input-file -o /dev/null 2>&1 | FileCheck %s
// RUN: not npir-opt %s --npir-lint="strict report=%t.json" --split-input-file -o /dev/null 2>&1 | FileCheck %s --check-prefix=STRICT
// RUN: not npir-opt %s --npir-lint=target=dsp --split-input-file -o /dev/null 2>&1 | FileCheck %s --check-prefix=TARGET

// STRICT: error: loc("wide"): accumulator-overflow: layer 'wide'
// TARGET: error: unknown target 'dsp'; expected one of xnnpack

// Each weight is as large as the largest, 127 in 8 bits: 70000 * 127 * 255 is more than 32 bits hold.
func.func @accumulator(%x: tensor<?x70000xf32> loc("x")) -> tensor<?x1xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<0.5> : tensor<1x70000xf32> loc("w")
  // CHECK: warning: loc("{{.*}}"): accumulator-overflow: layer 'wide' ('npir.linear'): the sum of 70000 products in channel 0 can reach 2.267e+09, and a 32-bit accumulator holds 2.147e+09; split the layer along its input channels, give it fewer bits, or keep it in float
  %0 = npir.linear %x, %w : (tensor<?x70000xf32>, tensor<1x70000xf32>) -> tensor<?x1xf32> loc("wide")
  return %0 : tensor<?x1xf32>
}

// -----

func.func @dead(%x: tensor<?x2xf32> loc("x")) -> tensor<?x4xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<[[1.0, 2.0], [0.0, 0.0], [1.0e-7, 0.0], [0.5, 0.5]]> : tensor<4x2xf32> loc("w")
  // CHECK: warning: loc("{{.*}}"): dead-channel: layer 'fc' ('npir.linear'): 2 of 4 output channels have no weight that tells from 0 beside the others: 1, 2; prune them; what they add is their bias
  %0 = npir.linear %x, %w : (tensor<?x2xf32>, tensor<4x2xf32>) -> tensor<?x4xf32> loc("fc")
  return %0 : tensor<?x4xf32>
}

// -----

// One scale for the whole weight: 1e-3 is less than half of 2/127.
func.func @lost(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<observed>} {
  %w = npir.constant dense<[[1.0, 2.0], [1.0e-3, 0.0]]> : tensor<2x2xf32> loc("w")
  %o = npir.observe %w {id = "w:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_tensor #npir.minmax>} : tensor<2x2xf32> loc("w.observe")
  // CHECK: warning: loc("{{.*}}"): scale-ratio: layer 'fc' ('npir.linear'): one scale for all output channels rounds every weight of 1 of 2 channels to 0: 1; ask for 'granularity: per_channel' on the weight
  %0 = npir.linear %x, %o : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc")
  return %0 : tensor<?x2xf32>
}

// -----

func.func @spread(%x: tensor<?x1xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<[[1.0e10], [1.0e-5]]> : tensor<2x1xf32> loc("w")
  // CHECK: warning: loc("{{.*}}"): dead-channel: layer 'fc'
  // CHECK: warning: loc("{{.*}}"): scale-ratio: layer 'fc' ('npir.linear'): the largest and the smallest scale of its output channels differ by a factor of 1e+15, and multipliers span 1.1e+12; prune the small channels, or keep the layer in float
  %0 = npir.linear %x, %w : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32> loc("fc")
  return %0 : tensor<?x2xf32>
}

// -----

// 3 * 127 / (1e-8 * 2^31) * 255 = 4524.
func.func @bias(%x: tensor<?x1xf32> loc("x")) -> tensor<?x1xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<1.0e-8> : tensor<1x1xf32> loc("w")
  %b = npir.constant dense<3.0> : tensor<1xf32> loc("b")
  // CHECK: warning: loc("{{.*}}"): bias-saturation: layer 'fc' ('npir.linear'): the bias of channel 0 does not fit 32 bits unless the input's range is at least 4524 wide; prune the channel whose weights are that small, or keep the layer in float
  %0 = npir.linear %x, %w, %b : (tensor<?x1xf32>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<?x1xf32> loc("fc")
  return %0 : tensor<?x1xf32>
}

// -----

func.func @bias_calibrated(%x: tensor<?x1xf32> loc("x")) -> tensor<?x1xf32> attributes {npir.station = #npir.station<calibrated>} {
  %w = npir.constant dense<1.0e-8> : tensor<1x1xf32> loc("w")
  %b = npir.constant dense<3.0> : tensor<1xf32> loc("b")
  %o = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !quant.uniform<i8:f32, 1.0:0>} : tensor<?x1xf32> loc("x.observe")
  // CHECK: warning: loc("{{.*}}"): {{.*}}the bias of channel 0 does not fit 32 bits in units of input scale * weight scale; a weight scale 17.74 times as large makes it fit, and costs as much precision
  %0 = npir.linear %o, %w, %b : (tensor<?x1xf32>, tensor<1x1xf32>, tensor<1xf32>) -> tensor<?x1xf32> loc("fc")
  return %0 : tensor<?x1xf32>
}

// -----

func.func @not_finite(%x: tensor<?x1xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<[[1.0], [0x7FC00000]]> : tensor<2x1xf32> loc("w")
  // CHECK: warning: loc("{{.*}}"): non-finite-weight: layer 'fc' ('npir.linear'): 1 of the weight's 2 values are no finite numbers; repair or retrain the model
  %0 = npir.linear %x, %w : (tensor<?x1xf32>, tensor<2x1xf32>) -> tensor<?x2xf32> loc("fc")
  return %0 : tensor<?x2xf32>
}

// -----

func.func @not_finite_bias(%x: tensor<?x1xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  %w = npir.constant dense<1.0> : tensor<2x1xf32> loc("w")
  %b = npir.constant dense<[0xFF800000, 1.0]> : tensor<2xf32> loc("b")
  // CHECK: warning: loc("{{.*}}"): non-finite-weight: layer 'fc' ('npir.linear'): 1 of the bias's 2 values are no finite numbers; repair or retrain the model
  %0 = npir.linear %x, %w, %b : (tensor<?x1xf32>, tensor<2x1xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc")
  return %0 : tensor<?x2xf32>
}

// -----

func.func @shared(%x: tensor<?x2xf32> loc("x")) -> tensor<?x4xf32> attributes {npir.station = #npir.station<prepared>} {
  %0 = npir.sigmoid %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("gate")
  %1 = npir.clamp %x {min = 0.0 : f32, max = 32.0 : f32} : tensor<?x2xf32> -> tensor<?x2xf32> loc("clip")
  // CHECK: warning: loc("{{.*}}"): shared-scale: layer 'cat' ('npir.concat'): 'clip:0' in [0, 32] and 'gate:0' in [0, 1] share one scale, which costs the second 5 of its bits; scale the second up in the model, or keep the op in float
  %2 = npir.concat %0, %1 {axis = 1 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x4xf32> loc("cat")
  return %2 : tensor<?x4xf32>
}

// -----

func.func @formats(%x: tensor<?x2xf32> loc("x")) -> tensor<?x1x2xf32> attributes {npir.station = #npir.station<observed>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>} : tensor<?x2xf32> loc("x.observe")
  // CHECK: warning: loc("{{.*}}"): shared-scale: layer 'r' ('npir.reshape'): 'x:0' is to be i8 affine per_tensor and 'r:0' i4 symmetric per_tensor, but the op moves values from one to the other; give both one format in the configuration
  %1 = npir.reshape %0 : tensor<?x2xf32> -> tensor<?x1x2xf32> loc("r")
  %2 = npir.observe %1 {id = "r:0", role = #npir.role<activation>, spec = #npir.spec<i4 symmetric per_tensor #npir.minmax>} : tensor<?x1x2xf32> loc("r.observe")
  return %2 : tensor<?x1x2xf32>
}

// -----

// 2^-20 * 2^-20 / 1 is less than 2^-32; the second layer, with the same weight, is fine.
func.func @multiplier(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<calibrated>} {
  %w = npir.constant dense<1.0e-4> : tensor<2x2xf32> loc("w")
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !quant.uniform<i8:f32, 9.5367431640625E-7:0>} : tensor<?x2xf32> loc("x.observe")
  %1 = npir.observe %w {id = "w:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_tensor #npir.minmax>, resolved = !quant.uniform<i8<-127:127>:f32, 9.5367431640625E-7>} : tensor<2x2xf32> loc("w.observe")
  // CHECK: warning: loc("{{.*}}"): scale-ratio: layer 'far' ('npir.linear'): expected input scale * weight scale / output scale in [2^-32, 2^8), got 9.094947e-13
  %2 = npir.linear %0, %1 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("far")
  %3 = npir.observe %2 {id = "far:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !quant.uniform<i8:f32, 1.0:0>} : tensor<?x2xf32> loc("far.observe")
  // CHECK-NOT: 'near'
  %4 = npir.linear %3, %1 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("near")
  %5 = npir.observe %4 {id = "near:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !quant.uniform<i8:f32, 1.0:0>} : tensor<?x2xf32> loc("near.observe")
  return %5 : tensor<?x2xf32>
}

// -----

// The result's scale is 2^12 of the operands': add takes 2^10.
func.func @types(%x: tensor<?x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<calibrated>} {
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !quant.uniform<i8:f32, 1.0:0>} : tensor<?x2xf32> loc("x.observe")
  // CHECK: warning: loc("{{.*}}"): scale-ratio: layer 'sum' ('npir.add'): expected input scale / output scale in [2^-10, 2^8), got 0.0002441406; calibrate with other samples or another observer, or keep the layer in float
  %1 = npir.add %0, %0 : (tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x2xf32> loc("sum")
  %2 = npir.observe %1 {id = "sum:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !quant.uniform<i8:f32, 4096.0:0>} : tensor<?x2xf32> loc("sum.observe")
  return %2 : tensor<?x2xf32>
}
