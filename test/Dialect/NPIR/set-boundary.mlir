// RUN: npir-opt %s --npir-set-boundary="io=quantized input-layout=nhwc" | FileCheck %s --check-prefix=INTEGERS
// RUN: npir-opt %s --npir-set-boundary="io=image:uint8,y:uint8 mean=100 std=50" | FileCheck %s --check-prefix=PIXELS
// RUN: npir-opt %s --npir-set-boundary="io=image:uint8 mean=1.5,2 std=0.5" | FileCheck %s --check-prefix=CHANNELS
// RUN: npir-opt %s --npir-set-boundary="io=quantized,image:float" | FileCheck %s --check-prefix=ONE
// RUN: npir-opt %s --npir-set-boundary | FileCheck %s --check-prefix=SAME

!qx = !quant.uniform<i8:f32, 2.0e-02:-3>
!qy = !quant.uniform<i8:f32, 5.0e-01:7>

// The transpose is gone from below the image, and what read it as it was has one back. Indices stay.
// INTEGERS-DAG: ![[XT:qt[0-9]*]] = !quant.uniform<i8:f32, 2.000000e-02:-3>
// INTEGERS-DAG: ![[Y:qt[0-9]*]] = !quant.uniform<i8:f32, 5.000000e-01:7>
// INTEGERS: func.func @main(%[[X:.*]]: tensor<?x4x4x2x![[XT]]> loc({{.*}}), %[[I:.*]]: tensor<?xi64> loc({{.*}})) -> (tensor<?x4x4x2x![[Y]]> {npir.name = "y"}, tensor<?x2x4x4x![[Y]]> {npir.name = "z"}, tensor<?xi64> {npir.name = "same"})
// INTEGERS: %[[D:.*]] = npir.dequantize %[[X]] : tensor<?x4x4x2x![[XT]]> -> tensor<?x4x4x2xf32>
// INTEGERS-NEXT: %[[BACK:.*]] = npir.transpose %[[D]] {perm = array<i64: 0, 3, 1, 2>}
// INTEGERS: npir.relu %[[D]] : tensor<?x4x4x2xf32>
// INTEGERS: npir.square %[[BACK]] : tensor<?x2x4x4xf32>

// What is read as pixels is exact in each of them. What y is computed in is as before.
// PIXELS-DAG: ![[U:qt[0-9]*]] = !quant.uniform<u8:f32, 0.019999999552965164:100>
// PIXELS-DAG: ![[S:qt[0-9]*]] = !quant.uniform<i8:f32, 0.019999999552965164:-28>
// PIXELS-DAG: ![[Y:qt[0-9]*]] = !quant.uniform<i8:f32, 5.000000e-01:7>
// PIXELS-DAG: ![[O:qt[0-9]*]] = !quant.uniform<u8:f32, 5.000000e-01:135>
// PIXELS: func.func @main(%[[X:.*]]: tensor<?x2x4x4x![[U]]>
// PIXELS-SAME: -> (tensor<?x4x4x2x![[O]]>
// PIXELS: %[[D:.*]] = npir.dequantize %[[X]]
// PIXELS-NEXT: %[[Q:.*]] = npir.quantize %[[D]] : tensor<?x2x4x4xf32> -> tensor<?x2x4x4x![[S]]>
// PIXELS-NEXT: %[[R:.*]] = npir.dequantize %[[Q]]
// PIXELS-NEXT: npir.quantize %[[R]] : tensor<?x2x4x4xf32> -> tensor<?x2x4x4x![[S]]>
// PIXELS: %[[V:.*]] = npir.dequantize %{{.*}} : tensor<?x4x4x2x![[Y]]> -> tensor<?x4x4x2xf32>
// PIXELS: npir.quantize %[[V]] : tensor<?x4x4x2xf32> -> tensor<?x4x4x2x![[O]]>

// A mean for each channel is subtracted, and one factor for all multiplied. The calibrated rounding is behind it.
// CHANNELS-DAG: ![[XT:qt[0-9]*]] = !quant.uniform<i8:f32, 2.000000e-02:-3>
// CHANNELS-DAG: ![[U:qt[0-9]*]] = !quant.uniform<u8:f32, 1.000000e+00>
// CHANNELS-DAG: ![[S:qt[0-9]*]] = !quant.uniform<i8:f32, 1.000000e+00:-128>
// CHANNELS: func.func @main(%[[X:.*]]: tensor<?x2x4x4x![[U]]>
// CHANNELS: %[[Q:.*]] = npir.quantize %{{.*}} -> tensor<?x2x4x4x![[S]]>
// CHANNELS: %[[R:.*]] = npir.dequantize %[[Q]]
// CHANNELS: %[[M:.*]] = npir.constant dense<{{.*}}1.500000e+00{{.*}}2.000000e+00{{.*}}> : tensor<2x1x1xf32>
// CHANNELS: %[[C:.*]] = npir.sub %[[R]], %[[M]]
// CHANNELS: %[[F:.*]] = npir.constant dense<2.000000e+00> : tensor<2x1x1xf32>
// CHANNELS: %[[N:.*]] = npir.mul %[[C]], %[[F]]
// CHANNELS: npir.quantize %[[N]] : tensor<?x2x4x4xf32> -> tensor<?x2x4x4x![[XT]]>

// ONE: func.func @main(%{{.*}}: tensor<?x2x4x4xf32>
// ONE-SAME: -> (tensor<?x4x4x2x!qt

// SAME: func.func @main(%{{.*}}: tensor<?x2x4x4xf32>
// SAME-SAME: -> (tensor<?x4x4x2xf32>

func.func @main(%x: tensor<?x2x4x4xf32> loc("image"), %ids: tensor<?xi64> loc("ids")) -> (tensor<?x4x4x2xf32> {npir.name = "y"}, tensor<?x2x4x4xf32> {npir.name = "z"}, tensor<?xi64> {npir.name = "same"}) attributes {npir.station = #npir.station<qdq>} {
  %q = npir.quantize %x : tensor<?x2x4x4xf32> -> tensor<?x2x4x4x!qx> loc("image.quantize")
  %d = npir.dequantize %q : tensor<?x2x4x4x!qx> -> tensor<?x2x4x4xf32> loc("image.dequantize")
  %t = npir.transpose %d {perm = array<i64: 0, 2, 3, 1>} : tensor<?x2x4x4xf32> -> tensor<?x4x4x2xf32> loc("nhwc")
  %r = npir.relu %t : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32> loc("relu")
  %rq = npir.quantize %r : tensor<?x4x4x2xf32> -> tensor<?x4x4x2x!qy> loc("relu.quantize")
  %rd = npir.dequantize %rq : tensor<?x4x4x2x!qy> -> tensor<?x4x4x2xf32> loc("relu.dequantize")
  %s = npir.square %d : tensor<?x2x4x4xf32> -> tensor<?x2x4x4xf32> loc("square")
  %sq = npir.quantize %s : tensor<?x2x4x4xf32> -> tensor<?x2x4x4x!qy> loc("square.quantize")
  %sd = npir.dequantize %sq : tensor<?x2x4x4x!qy> -> tensor<?x2x4x4xf32> loc("square.dequantize")
  return %rd, %sd, %ids : tensor<?x4x4x2xf32>, tensor<?x2x4x4xf32>, tensor<?xi64>
}
