// RUN: npir-opt %s --npir-insert-qdq --npir-verify-contract | FileCheck %s

!qx = !quant.uniform<i8:f32, 0.5:-128>
!qw = !quant.uniform<i8<-127:127>:f32:0, {0.25, 0.5}>
!q16 = !quant.uniform<i16:f32, 0.125:3>
!q4 = !quant.uniform<u4:f32, 2.0:8>

// CHECK-DAG: ![[QW:.*]] = !quant.uniform<i8<-127:127>:f32:0, {{.*}}>
// CHECK-DAG: ![[QX:.*]] = !quant.uniform<i8:f32, 5.000000e-01:-128>
// CHECK-DAG: ![[Q16:.*]] = !quant.uniform<i16:f32, 1.250000e-01:3>
// CHECK-DAG: ![[Q4:.*]] = !quant.uniform<u4:f32, 2.000000e+00:8>

module attributes {npir.model_hash = "00112233445566778899aabbccddeeff"} {

// CHECK-LABEL: func.func @example(
// CHECK-SAME:    %[[X:.*]]: tensor<?x2xf32>
// CHECK-SAME:    npir.station = #npir.station<qdq>
func.func @example(%x: tensor<?x2xf32> loc("input")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<calibrated>} {
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize %[[X]] : tensor<?x2xf32> -> tensor<?x2x![[QX]]> loc([[QUANTIZE:#.*]])
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[Q]] {{.*}} loc([[DEQUANTIZE:#.*]])
  %0 = npir.observe %x {id = "input:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !qx} : tensor<?x2xf32> loc("input.observe")
  // Half goes to even (0.125/0.25 = 0.5 to 0, 0.75/0.5 = 1.5 to 2), and what is too large to the last integer.
  // CHECK-NEXT: %[[W:.*]] = npir.constant dense<{{\[\[}}0, -127], [2, 127]]> : tensor<2x2xi8> as tensor<2x2x![[QW]]> loc([[WEIGHT:#.*]])
  // CHECK-NEXT: %[[DW:.*]] = npir.dequantize %[[W]] {{.*}} loc([[DWLOC:#.*]])
  %w = npir.constant dense<[[0.125, -64.0], [0.75, 64.0]]> : tensor<2x2xf32> loc("fc.weight")
  %1 = npir.observe %w {id = "fc.weight:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>, resolved = !qw} : tensor<2x2xf32> loc("fc.weight.observe")
  // CHECK-NEXT: %[[Y:.*]] = npir.linear %[[D]], %[[DW]]
  %2 = npir.linear %0, %1 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc")
  // CHECK-NEXT: return %[[Y]]
  %3 = npir.observe %2 {id = "fc:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32> loc("fc.observe")
  return %3 : tensor<?x2xf32>
}

// Constant weights of 4 and 16 bits are stored in one and two bytes. A constant activation is computed: whether it is stored is
// for the target to say. A type to fall back to is kept, and that the configuration names a tensor.
// CHECK-LABEL: func.func @stored
func.func @stored(%x: tensor<?x2xf32> loc("input2")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<calibrated>} {
  // CHECK: npir.constant dense<{{\[\[}}11, -12], [3, 3]]> : tensor<2x2xi16> as tensor<2x2x![[Q16]]>
  %c = npir.constant dense<[[1.0, -1.875], [0.0, 0.0]]> : tensor<2x2xf32> loc("fc1.weight")
  %0 = npir.observe %c {id = "fc1.weight:0", role = #npir.role<weight>, spec = #npir.spec<i16 affine per_tensor #npir.minmax>, resolved = !q16} : tensor<2x2xf32> loc("fc1.weight.observe")
  // CHECK: npir.constant dense<{{\[\[}}9, 0], [8, 8]]> : tensor<2x2xi8> as tensor<2x2x![[Q4]]>
  %d = npir.constant dense<[[2.0, -100.0], [0.0, 0.0]]> : tensor<2x2xf32> loc("fc2.weight")
  %1 = npir.observe %d {id = "fc2.weight:0", role = #npir.role<weight>, spec = #npir.spec<u4 affine per_tensor #npir.minmax>, resolved = !q4} : tensor<2x2xf32> loc("fc2.weight.observe")
  // CHECK: %[[C:.*]] = npir.constant dense<[1.000000e+00, -1.000000e+00]>
  // CHECK: npir.quantize %[[C]] {requested} : tensor<2xf32> -> tensor<2x![[QX]]>
  %e = npir.constant dense<[1.0, -1.0]> : tensor<2xf32> loc("offset")
  %5 = npir.observe %e {id = "offset:0", role = #npir.role<activation>, requested, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !qx} : tensor<2xf32> loc("offset.observe")
  // CHECK: npir.quantize %{{.*}} {per_tensor = ![[QX]]}
  %2 = npir.observe %x {id = "input2:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_channel<1> #npir.minmax>, resolved = !quant.uniform<i8:f32:1, {0.5:-128, 0.25:-128}>, per_tensor = !qx} : tensor<?x2xf32> loc("input2.observe")
  %3 = npir.linear %2, %0 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc1")
  %4 = npir.linear %3, %1 : (tensor<?x2xf32>, tensor<2x2xf32>) -> tensor<?x2xf32> loc("fc2")
  %6 = npir.add %4, %5 : (tensor<?x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("add")
  return %6 : tensor<?x2xf32>
}

// Biases are those that the integers will have: multiples of 0.125 and 0.25. Where there will be none they stay, and so do
// those that are such multiples, or too large.
// CHECK-LABEL: func.func @biases
func.func @biases(%x: tensor<?x2xf32> loc("input3")) -> (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<calibrated>} {
  %w = npir.constant dense<[[0.25, -0.25], [0.5, 0.5]]> : tensor<2x2xf32> loc("fc3.weight")
  // CHECK: %[[ONE:.*]] = npir.constant dense<[2.500000e-01, -2.000000e+00]> : tensor<2xf32> loc([[ONE_LOC:#.*]])
  // CHECK: %[[BIAS:.*]] = npir.constant dense<[3.000000e-01, -2.000000e+00]> : tensor<2xf32> loc([[BIAS_LOC:#.*]])
  %b = npir.constant dense<[0.3, -2.0]> : tensor<2xf32> loc("fc3.bias")
  // CHECK: %[[OWN:.*]] = npir.constant dense<[-3.750000e-01, 0.000000e+00]> : tensor<2xf32> loc([[OWN_LOC:#.*]])
  %own = npir.constant dense<[-0.4, 0.125]> : tensor<2xf32> loc("fc4.bias")
  // CHECK: %[[EXACT:.*]] = npir.constant dense<[1.250000e-01, 2.500000e-01]>
  %exact = npir.constant dense<[0.125, 0.25]> : tensor<2xf32> loc("fc5.bias")
  // CHECK: %[[LARGE:.*]] = npir.constant dense<[3.000000e-01, 1.000000e+09]>
  %large = npir.constant dense<[0.3, 1.0e9]> : tensor<2xf32> loc("fc6.bias")
  %0 = npir.observe %x {id = "input3:0", role = #npir.role<activation>, spec = #npir.spec<i8 affine per_tensor #npir.minmax>, resolved = !qx} : tensor<?x2xf32> loc("input3.observe")
  %1 = npir.observe %w {id = "fc3.weight:0", role = #npir.role<weight>, spec = #npir.spec<i8 symmetric narrow per_channel<0> #npir.minmax>, resolved = !qw} : tensor<2x2xf32> loc("fc3.weight.observe")
  // CHECK: npir.linear %{{.*}}, %{{.*}}, %[[ONE]]
  %2 = npir.linear %0, %1, %b : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc3")
  // CHECK: npir.linear %{{.*}}, %{{.*}}, %[[OWN]]
  %3 = npir.linear %0, %1, %own : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc4")
  // CHECK: npir.linear %{{.*}}, %{{.*}}, %[[EXACT]]
  %4 = npir.linear %0, %1, %exact : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc5")
  // CHECK: npir.linear %{{.*}}, %{{.*}}, %[[LARGE]]
  %5 = npir.linear %0, %1, %large : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc6")
  // CHECK: npir.linear %{{.*}}, %{{.*}}, %[[BIAS]]
  %6 = npir.linear %x, %1, %b : (tensor<?x2xf32>, tensor<2x2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("fc7")
  return %2, %3, %4, %5, %6 : tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>
}
}
// CHECK-DAG: [[QUANTIZE]] = loc("input.quantize")
// CHECK-DAG: [[DEQUANTIZE]] = loc("input.dequantize")
// CHECK-DAG: [[WEIGHT]] = loc("fc.weight")
// CHECK-DAG: [[DWLOC]] = loc("fc.weight.dequantize")
// CHECK-DAG: [[BIAS_LOC]] = loc("fc3.bias")
// CHECK-DAG: [[ONE_LOC]] = loc("fc3.bias.fc3")
// CHECK-DAG: [[OWN_LOC]] = loc("fc4.bias")
