// RUN: npir-opt %s --npir-fold-qdq --npir-verify-contract | FileCheck %s

!qx = !quant.uniform<i8:f32, 0.5:-128>
!qy = !quant.uniform<i8:f32, 0.25:3>
!qw = !quant.uniform<i8<-127:127>:f32:0, {0.25, 0.125}>

// CHECK-DAG: ![[QW:.*]] = !quant.uniform<i8<-127:127>:f32:0, {2.500000e-01,1.250000e-01}>
// CHECK-DAG: ![[QB:.*]] = !quant.uniform<i32:f32:0, {1.250000e-01,6.250000e-02}>
// CHECK-DAG: ![[QB1:.*]] = !quant.uniform<i32:f32:0, {1.250000e-01}>
// CHECK-DAG: ![[QX:.*]] = !quant.uniform<i8:f32, 5.000000e-01:-128>
// CHECK-DAG: ![[QY:.*]] = !quant.uniform<i8:f32, 2.500000e-01:3>

module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {

// The bias goes to units of input scale * weight scale: 0.1875/0.125 = 1.5 and 0.15625/0.0625 = 2.5, both to the even 2. The
// bounds of the result are those of the clamp: 0 is stored as 3, 6 as 27.
// CHECK-LABEL: func.func @example(
// CHECK-SAME:    %[[X:[^:]*]]
// CHECK-SAME:    npir.station = #npir.station<integer>
func.func @example(%x: tensor<?x2xf32> loc("input")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize %[[X]]
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qx> loc("input.quantize")
  %1 = npir.dequantize %0 : tensor<?x2x!qx> -> tensor<?x2xf32> loc("input.dequantize")
  // CHECK-NEXT: %[[W:.*]] = npir.constant dense<{{.*}}> : tensor<2x2xi8> as tensor<2x2x![[QW]]> loc([[WEIGHT:#.*]])
  %w = npir.constant dense<[[1, -127], [2, 127]]> : tensor<2x2xi8> as tensor<2x2x!qw> loc("fc.weight")
  %2 = npir.dequantize %w : tensor<2x2x!qw> -> tensor<2x2xf32> loc("fc.weight.dequantize")
  // CHECK-NEXT: %[[B:.*]] = npir.constant dense<2> : tensor<2xi32> as tensor<2x![[QB]]> loc([[BIAS:#.*]])
  %b = npir.constant dense<[0.1875, 0.15625]> : tensor<2xf32> loc("fc.bias")
  // CHECK-NEXT: %[[Y:.*]] = npir.linear %[[Q]], %[[W]], %[[B]] {clamp_max = 6.000000e+00 : f32, clamp_min = 0.000000e+00 : f32, requant = #npir.requant_f32<multipliers = [5.000000e-01, 2.500000e-01], min = 3, max = 27>} : {{.*}} -> tensor<?x2x![[QY]]> loc([[FC:#.*]])
  %3 = npir.linear %1, %2, %b {clamp_min = 0.0 : f32, clamp_max = 6.0 : f32} : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc")
  %4 = npir.quantize %3 : tensor<?x2xf32> -> tensor<?x2x!qy> loc("fc.quantize")
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[Y]]
  // CHECK-NEXT: return %[[D]]
  %5 = npir.dequantize %4 : tensor<?x2x!qy> -> tensor<?x2xf32> loc("fc.dequantize")
  return %5 : tensor<?x2xf32>
}

// One channel is per channel still, and so is its bias: XNNPACK takes no other.
// CHECK-LABEL: func.func @one_channel
func.func @one_channel(%x: tensor<?x2xf32> loc("input1")) -> tensor<?x1xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK: npir.constant dense<2> : tensor<1xi32> as tensor<1x![[QB1]]>
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qx> loc("q")
  %1 = npir.dequantize %0 : tensor<?x2x!qx> -> tensor<?x2xf32> loc("d")
  %w = npir.constant dense<[[1, -127]]> : tensor<1x2xi8> as tensor<1x2x!quant.uniform<i8<-127:127>:f32:0, {0.25}>> loc("fc1.weight")
  %2 = npir.dequantize %w : tensor<1x2x!quant.uniform<i8<-127:127>:f32:0, {0.25}>> -> tensor<1x2xf32> loc("fc1.weight.dequantize")
  %b = npir.constant dense<0.25> : tensor<1xf32> loc("fc1.bias")
  %3 = npir.linear %1, %2, %b : (tensor<?x2xf32>, tensor<1x2xf32>, tensor<1xf32>) -> tensor<?x1xf32> loc("fc1")
  %4 = npir.quantize %3 : tensor<?x1xf32> -> tensor<?x1x!qy> loc("fc1.quantize")
  %5 = npir.dequantize %4 : tensor<?x1x!qy> -> tensor<?x1xf32> loc("fc1.dequantize")
  return %5 : tensor<?x1xf32>
}

// A change of type becomes one quantize. 256 * 0.5/0.25 = 512.
// CHECK-LABEL: func.func @convert
func.func @convert(%x: tensor<?x2xf32> loc("input2")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize %
  // CHECK-NEXT: %[[R:.*]] = npir.quantize %[[Q]] {requant = #npir.requant_q8<multiplier = 512, min = -128, max = 127>} : tensor<?x2x![[QX]]> -> tensor<?x2x![[QY]]>
  // CHECK-NEXT: npir.dequantize %[[R]]
  %0 = npir.quantize %x {requested} : tensor<?x2xf32> -> tensor<?x2x!qx> loc("q1")
  %1 = npir.dequantize %0 : tensor<?x2x!qx> -> tensor<?x2xf32> loc("d1")
  %2 = npir.quantize %1 : tensor<?x2xf32> -> tensor<?x2x!qy> loc("q2")
  %3 = npir.dequantize %2 : tensor<?x2x!qy> -> tensor<?x2xf32> loc("d2")
  return %3 : tensor<?x2xf32>
}

// A layer between a float input and a float result stays in float, and its weight is stored as it was.
// CHECK-LABEL: func.func @island
func.func @island(%x: tensor<?x2xf32> loc("input3")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  // CHECK-NEXT: %[[Q:.*]] = npir.constant dense<{{\[\[}}1, -127], [2, 127]]> : tensor<2x2xi8>
  // CHECK-NEXT: %[[W:.*]] = npir.dequantize %[[Q]]
  %w = npir.constant dense<[[1, -127], [2, 127]]> : tensor<2x2xi8> as tensor<2x2x!qw> loc("fc3.weight")
  %0 = npir.dequantize %w : tensor<2x2x!qw> -> tensor<2x2xf32> loc("fc3.weight.dequantize")
  // CHECK-NEXT: npir.linear %{{.*}}, %[[W]] {npir.float_reason = "its result is not quantized; its weights are stored as integers"} : {{.*}} -> tensor<?x2xf32>
  // CHECK-NEXT: return
  %1 = npir.linear %x, %0 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc3")
  return %1 : tensor<?x2xf32>
}

// Two layers share a weight and a bias; with other input scales the bias becomes another constant.
// CHECK-LABEL: func.func @shared
func.func @shared(%x: tensor<?x2xf32> loc("input4")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qx> loc("q3")
  %1 = npir.dequantize %0 : tensor<?x2x!qx> -> tensor<?x2xf32> loc("d3")
  // CHECK: %[[W:.*]] = npir.constant dense<{{.*}}> : tensor<2x2xi8>
  %w = npir.constant dense<[[1, -127], [2, 127]]> : tensor<2x2xi8> as tensor<2x2x!qw> loc("fc4.weight")
  %2 = npir.dequantize %w : tensor<2x2x!qw> -> tensor<2x2xf32> loc("fc4.weight.dequantize")
  // CHECK-DAG: %[[B1:.*]] = npir.constant dense<[8, 16]> : tensor<2xi32> {{.*}} loc([[B1LOC:#.*]])
  // CHECK-DAG: %[[B2:.*]] = npir.constant dense<[16, 32]> : tensor<2xi32> {{.*}} loc([[B2LOC:#.*]])
  %b = npir.constant dense<[1.0, 1.0]> : tensor<2xf32> loc("fc4.bias")
  // CHECK: npir.linear %{{.*}}, %[[W]], %[[B1]]
  %3 = npir.linear %1, %2, %b : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc4a")
  %4 = npir.quantize %3 : tensor<?x2xf32> -> tensor<?x2x!qy> loc("fc4a.quantize")
  %5 = npir.dequantize %4 : tensor<?x2x!qy> -> tensor<?x2xf32> loc("fc4a.dequantize")
  // CHECK: npir.linear %{{.*}}, %[[W]], %[[B2]]
  %6 = npir.linear %5, %2, %b : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc4b")
  %7 = npir.quantize %6 : tensor<?x2xf32> -> tensor<?x2x!qy> loc("fc4b.quantize")
  %8 = npir.dequantize %7 : tensor<?x2x!qy> -> tensor<?x2xf32> loc("fc4b.dequantize")
  return %8 : tensor<?x2xf32>
}

// A clamp between equal types is a comparison of integers; between others, as every function of one value, a table, where
// half goes away from zero: index 4 stands for 0.25, whose -127.5 becomes -128.
// CHECK-LABEL: func.func @functions
func.func @functions(%x: tensor<?x2xf32> loc("input5")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>, npir.target = "xnnpack"} {
  %0 = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qy> loc("q5")
  %1 = npir.dequantize %0 : tensor<?x2x!qy> -> tensor<?x2xf32> loc("d5")
  // CHECK: npir.clamp %{{.*}} {max = 1.000000e+00 : f32, min = -1.000000e+00 : f32, requant = #npir.requant_copy<min = -1, max = 7>}
  %2 = npir.clamp %1 {min = -1.0 : f32, max = 1.0 : f32} : tensor<?x2xf32> -> tensor<?x2xf32> loc("clamp")
  %3 = npir.quantize %2 : tensor<?x2xf32> -> tensor<?x2x!qy> loc("clamp.quantize")
  %4 = npir.dequantize %3 : tensor<?x2x!qy> -> tensor<?x2xf32> loc("clamp.dequantize")
  // CHECK: npir.relu %{{.*}} {requant = #npir.requant_table<table = [-128, -128, -128, -128, -128, -127, -127, -126, -126, -125,
  %5 = npir.relu %4 : tensor<?x2xf32> -> tensor<?x2xf32> loc("relu")
  %6 = npir.quantize %5 : tensor<?x2xf32> -> tensor<?x2x!qx> loc("relu.quantize")
  %7 = npir.dequantize %6 : tensor<?x2x!qx> -> tensor<?x2xf32> loc("relu.dequantize")
  return %7 : tensor<?x2xf32>
}
}
// CHECK-DAG: [[WEIGHT]] = loc("fc.weight")
// CHECK-DAG: [[BIAS]] = loc("fc.bias")
// CHECK-DAG: [[FC]] = loc("fc")
// CHECK-DAG: [[B1LOC]] = loc("fc4.bias.fc4a")
// CHECK-DAG: [[B2LOC]] = loc("fc4.bias")
