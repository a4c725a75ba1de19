// RUN: npir-opt %s --npir-canonicalize-qdq | FileCheck %s
// RUN: npir-opt %s --npir-canonicalize-qdq --npir-canonicalize-qdq | FileCheck %s
// RUN: npir-opt %s --npir-canonicalize-qdq --npir-partition=targets=xnnpack --npir-fold-qdq 2>&1 | FileCheck %s --check-prefix=FOLD

// Layers that hand numbers on come between pairs of one type, so that they move integers.

!qa = !quant.uniform<i8:f32, 0.5:-128>
!qb = !quant.uniform<i8:f32, 0.25>
!qw = !quant.uniform<i8<-127:127>:f32, 0.25>

// CHECK-DAG: ![[A:.*]] = !quant.uniform<i8:f32, 5.000000e-01:-128>
// CHECK-DAG: ![[B:.*]] = !quant.uniform<i8:f32, 2.500000e-01>

// A pair that is missing behind a copy of dequantized numbers rounds nothing: the linear layer reads integers, and so does the copy.
// CHECK-LABEL: func.func @behind
// FOLD-LABEL: func.func @behind
func.func @behind(%x: tensor<?x2x2xf32> loc("x")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  %q = npir.quantize %x : tensor<?x2x2xf32> -> tensor<?x2x2x!qa> loc("x.quantize")
  %0 = npir.dequantize %q : tensor<?x2x2x!qa> -> tensor<?x2x2xf32> loc("x.dequantize")
  // CHECK: %[[R:.*]] = npir.reshape
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize %[[R]] : tensor<?x4xf32> -> tensor<?x4x![[A]]> loc([[QLOC:#.*]])
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[Q]] {{.*}} loc([[DLOC:#.*]])
  // CHECK: npir.linear %[[D]],
  // FOLD: npir.quantize %arg0
  // FOLD-NEXT: npir.reshape %{{.*}} {requant = #npir.requant_copy
  // FOLD: npir.linear {{.*}} -> tensor<?x2x!
  // FOLD-NEXT: npir.dequantize
  // FOLD-NEXT: return
  %1 = npir.reshape %0 : tensor<?x2x2xf32> -> tensor<?x4xf32> loc("flat")
  %w = npir.constant dense<1> : tensor<2x4xi8> as tensor<2x4x!qw> loc("w")
  %2 = npir.dequantize %w : tensor<2x4x!qw> -> tensor<2x4xf32> loc("w.dequantize")
  %3 = npir.linear %1, %2 : (tensor<?x4xf32>, tensor<2x4xf32>) -> tensor<?x2xf32> loc("fc")
  %4 = npir.quantize %3 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("fc.quantize")
  %5 = npir.dequantize %4 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("fc.dequantize")
  return %5 : tensor<?x2xf32>
}

// The result of a chain of copies is quantized: so is what goes into it, for the layer before it can compute in integers then.
// CHECK-LABEL: func.func @before
// FOLD-LABEL: func.func @before
func.func @before(%x: tensor<?x4x4x1xf32> loc("x1")) -> tensor<?x2xf32> attributes {npir.station = #npir.station<qdq>} {
  %q = npir.quantize %x : tensor<?x4x4x1xf32> -> tensor<?x4x4x1x!qa> loc("x1.quantize")
  %0 = npir.dequantize %q : tensor<?x4x4x1x!qa> -> tensor<?x4x4x1xf32> loc("x1.dequantize")
  %w = npir.constant dense<1> : tensor<2x1x1x1xi8> as tensor<2x1x1x1x!qw> loc("w1")
  %1 = npir.dequantize %w : tensor<2x1x1x1x!qw> -> tensor<2x1x1x1xf32> loc("w1.dequantize")
  // CHECK: %[[C:.*]] = npir.conv2d
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize %[[C]] : {{.*}} -> tensor<?x4x4x2x![[B]]>
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[Q]]
  // CHECK-NEXT: %[[P:.*]] = npir.max_pool2d %[[D]]
  // CHECK-NEXT: %[[Q2:.*]] = npir.quantize %[[P]] : {{.*}} -> tensor<?x1x1x2x![[B]]>
  // CHECK-NEXT: %[[D2:.*]] = npir.dequantize %[[Q2]]
  // CHECK-NEXT: %[[R:.*]] = npir.reshape %[[D2]]
  // CHECK-NEXT: npir.quantize %[[R]]
  // FOLD: npir.conv2d {{.*}} -> tensor<?x4x4x2x!
  // FOLD-NEXT: npir.max_pool2d {{.*}} -> tensor<?x1x1x2x!
  // FOLD-NEXT: npir.reshape {{.*}} -> tensor<?x2x!
  // FOLD-NEXT: npir.dequantize
  // FOLD-NEXT: return
  %2 = npir.conv2d %0, %1 : (tensor<?x4x4x1xf32>, tensor<2x1x1x1xf32>) -> tensor<?x4x4x2xf32> loc("conv1")
  %3 = npir.max_pool2d %2 {kernel = array<i64: 4, 4>} : tensor<?x4x4x2xf32> -> tensor<?x1x1x2xf32> loc("pool1")
  %4 = npir.reshape %3 : tensor<?x1x1x2xf32> -> tensor<?x2xf32> loc("flat1")
  %5 = npir.quantize %4 : tensor<?x2xf32> -> tensor<?x2x!qb> loc("flat1.quantize")
  %6 = npir.dequantize %5 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("flat1.dequantize")
  return %6 : tensor<?x2xf32>
}

// One scale for a concat: the operand of another scale is converted, that of the same stays, and one in float is quantized.
// CHECK-LABEL: func.func @concat
// FOLD-LABEL: func.func @concat
func.func @concat(%x: tensor<?x2xf32> loc("x2"), %y: tensor<?x2xf32> loc("y2"), %z: tensor<?x2xf32> loc("z2")) -> tensor<?x6xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: %[[Z2:.*]] = npir.quantize %arg2 : tensor<?x2xf32> -> tensor<?x2x![[A]]>
  // CHECK-NEXT: %[[ZA:.*]] = npir.dequantize %[[Z2]]
  // CHECK-NEXT: %[[QX:.*]] = npir.quantize %arg0
  // CHECK-NEXT: %[[X:.*]] = npir.dequantize %[[QX]]
  // CHECK-NEXT: %[[QY:.*]] = npir.quantize %arg1
  // CHECK-NEXT: %[[Y:.*]] = npir.dequantize %[[QY]] : tensor<?x2x![[B]]>
  // CHECK-NEXT: %[[Y2:.*]] = npir.quantize %[[Y]] : tensor<?x2xf32> -> tensor<?x2x![[A]]> loc([[YLOC:#.*]])
  // CHECK-NEXT: %[[YA:.*]] = npir.dequantize %[[Y2]]
  // CHECK: npir.concat %[[X]], %[[YA]], %[[ZA]]
  // FOLD: npir.quantize %{{.*}} {requant = #npir.requant_q8<multiplier = 128, min = -128, max = 127>}
  // FOLD: npir.concat {{.*}} {axis = 1 : i64, requant = #npir.requant_copy
  %qx = npir.quantize %x : tensor<?x2xf32> -> tensor<?x2x!qa> loc("x2.quantize")
  %0 = npir.dequantize %qx : tensor<?x2x!qa> -> tensor<?x2xf32> loc("x2.dequantize")
  %qy = npir.quantize %y {requested} : tensor<?x2xf32> -> tensor<?x2x!qb> loc("y2.quantize")
  %1 = npir.dequantize %qy : tensor<?x2x!qb> -> tensor<?x2xf32> loc("y2.dequantize")
  %2 = npir.concat %0, %1, %z {axis = 1 : i64} : (tensor<?x2xf32>, tensor<?x2xf32>, tensor<?x2xf32>) -> tensor<?x6xf32> loc("cat2")
  %3 = npir.quantize %2 : tensor<?x6xf32> -> tensor<?x6x!qa> loc("cat2.quantize")
  %4 = npir.dequantize %3 : tensor<?x6x!qa> -> tensor<?x6xf32> loc("cat2.dequantize")
  %5 = npir.tanh %4 : tensor<?x6xf32> -> tensor<?x6xf32> loc("tanh2")
  %6 = npir.quantize %5 : tensor<?x6xf32> -> tensor<?x6x!qb> loc("tanh2.quantize")
  %7 = npir.dequantize %6 : tensor<?x6x!qb> -> tensor<?x6xf32> loc("tanh2.dequantize")
  return %7 : tensor<?x6xf32>
}

// Between two scales the fewest elements are converted: behind a slice, but before a broadcast.
// CHECK-LABEL: func.func @other_scale
// FOLD-LABEL: func.func @other_scale
func.func @other_scale(%x: tensor<1x8xf32> loc("x3"), %y: tensor<1x8xf32> loc("y3")) -> (tensor<1x2xf32>, tensor<4x8xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK: npir.slice
  // CHECK-NEXT: %[[Q:.*]] = npir.quantize {{.*}} -> tensor<1x2x![[A]]>
  // CHECK-NEXT: %[[D:.*]] = npir.dequantize %[[Q]]
  // CHECK-NEXT: npir.quantize %[[D]] {requested} : tensor<1x2xf32> -> tensor<1x2x![[B]]>
  // CHECK: %[[YB:.*]] = npir.quantize {{.*}} : tensor<1x8xf32> -> tensor<1x8x![[B]]>
  // CHECK-NEXT: %[[DB:.*]] = npir.dequantize %[[YB]]
  // CHECK-NEXT: npir.broadcast %[[DB]]
  // FOLD: npir.quantize %arg0 {{.*}} -> tensor<1x8x!
  // FOLD-NEXT: npir.slice {{.*}}requant_copy
  // FOLD-NEXT: npir.quantize {{.*}}requant_q8{{.*}} -> tensor<1x2x!
  // FOLD-NEXT: npir.dequantize
  // FOLD-NEXT: npir.quantize %arg1 {{.*}} -> tensor<1x8x!
  // FOLD-NEXT: npir.quantize {{.*}}requant_q8{{.*}} -> tensor<1x8x!
  // FOLD-NEXT: npir.dequantize
  // FOLD-NEXT: npir.broadcast {{.*}}npir.float_reason = "fewer elements are converted if it moves floats"
  // FOLD-NEXT: return
  %q = npir.quantize %x {requested} : tensor<1x8xf32> -> tensor<1x8x!qa> loc("x3.quantize")
  %0 = npir.dequantize %q : tensor<1x8x!qa> -> tensor<1x8xf32> loc("x3.dequantize")
  %1 = npir.slice %0 {offsets = array<i64: 0, 0>, sizes = array<i64: -1, 2>} : tensor<1x8xf32> -> tensor<1x2xf32> loc("slice3")
  %2 = npir.quantize %1 {requested} : tensor<1x2xf32> -> tensor<1x2x!qb> loc("slice3.quantize")
  %3 = npir.dequantize %2 : tensor<1x2x!qb> -> tensor<1x2xf32> loc("slice3.dequantize")
  %r = npir.quantize %y {requested} : tensor<1x8xf32> -> tensor<1x8x!qa> loc("y3.quantize")
  %4 = npir.dequantize %r : tensor<1x8x!qa> -> tensor<1x8xf32> loc("y3.dequantize")
  %5 = npir.broadcast %4 : (tensor<1x8xf32>) -> tensor<4x8xf32> loc("many3")
  %6 = npir.quantize %5 {requested} : tensor<4x8xf32> -> tensor<4x8x!qb> loc("many3.quantize")
  %7 = npir.dequantize %6 : tensor<4x8x!qb> -> tensor<4x8xf32> loc("many3.dequantize")
  return %3, %7 : tensor<1x2xf32>, tensor<4x8xf32>
}

// What several layers move to one scale is converted once, before them: the parts of a split, and what is converted as it is, too.
// CHECK-LABEL: func.func @split
// FOLD-LABEL: func.func @split
func.func @split(%x: tensor<?x8xf32> loc("x6"), %y: tensor<?x8xf32> loc("y6")) -> (tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x2xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK: %[[XB:.*]] = npir.quantize {{.*}} -> tensor<?x8x![[B]]>
  // CHECK-NEXT: %[[DB:.*]] = npir.dequantize %[[XB]]
  // CHECK-NEXT: npir.slice %[[DB]]
  // CHECK: npir.slice %[[DB]]
  // CHECK: %[[YB:.*]] = npir.quantize {{.*}} -> tensor<?x8x![[B]]>
  // CHECK-NEXT: %[[EB:.*]] = npir.dequantize %[[YB]]
  // CHECK-NEXT: npir.slice %[[EB]]
  // FOLD-COUNT-2: requant_q8
  // FOLD-NOT: requant_q8
  // FOLD: return
  %0 = npir.quantize %x {requested} : tensor<?x8xf32> -> tensor<?x8x!qa> loc("x6.quantize")
  %1 = npir.dequantize %0 : tensor<?x8x!qa> -> tensor<?x8xf32> loc("x6.dequantize")
  %2 = npir.slice %1 {offsets = array<i64: 0, 0>, sizes = array<i64: -1, 4>} : tensor<?x8xf32> -> tensor<?x4xf32> loc("left6")
  %3 = npir.quantize %2 {requested} : tensor<?x4xf32> -> tensor<?x4x!qb> loc("left6.quantize")
  %4 = npir.dequantize %3 : tensor<?x4x!qb> -> tensor<?x4xf32> loc("left6.dequantize")
  %5 = npir.slice %1 {offsets = array<i64: 0, 4>, sizes = array<i64: -1, 4>} : tensor<?x8xf32> -> tensor<?x4xf32> loc("right6")
  %6 = npir.quantize %5 {requested} : tensor<?x4xf32> -> tensor<?x4x!qb> loc("right6.quantize")
  %7 = npir.dequantize %6 : tensor<?x4x!qb> -> tensor<?x4xf32> loc("right6.dequantize")
  %8 = npir.quantize %y {requested} : tensor<?x8xf32> -> tensor<?x8x!qa> loc("y6.quantize")
  %9 = npir.dequantize %8 : tensor<?x8x!qa> -> tensor<?x8xf32> loc("y6.dequantize")
  %10 = npir.quantize %9 {requested} : tensor<?x8xf32> -> tensor<?x8x!qb> loc("z6.quantize")
  %11 = npir.dequantize %10 : tensor<?x8x!qb> -> tensor<?x8xf32> loc("z6.dequantize")
  %12 = npir.slice %9 {offsets = array<i64: 0, 0>, sizes = array<i64: -1, 2>} : tensor<?x8xf32> -> tensor<?x2xf32> loc("part6")
  %13 = npir.quantize %12 {requested} : tensor<?x2xf32> -> tensor<?x2x!qb> loc("part6.quantize")
  %14 = npir.dequantize %13 : tensor<?x2x!qb> -> tensor<?x2xf32> loc("part6.dequantize")
  return %4, %7, %11, %14 : tensor<?x4xf32>, tensor<?x4xf32>, tensor<?x8xf32>, tensor<?x2xf32>
}

// Between a layer in float and one in integers there is no better place for a pair; nor where a result is read in float, too, or
// where numbers come in that the type does not have.
// CHECK-LABEL: func.func @kept
func.func @kept(%x: tensor<?x2x2x1xf32> loc("x4")) -> (tensor<?x4xf32>, tensor<?x2x2x1xf32>, tensor<?x4x4x1xf32>) attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: npir.softmax
  // CHECK-NEXT: npir.reshape
  // CHECK-NEXT: npir.quantize
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: npir.add
  // CHECK-NEXT: npir.transpose
  // CHECK-NEXT: npir.quantize
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: npir.pad
  // CHECK-NEXT: npir.add
  // CHECK-NEXT: return
  %0 = npir.softmax %x : tensor<?x2x2x1xf32> -> tensor<?x2x2x1xf32> loc("softmax4")
  %1 = npir.reshape %0 : tensor<?x2x2x1xf32> -> tensor<?x4xf32> loc("flat4")
  %2 = npir.quantize %1 : tensor<?x4xf32> -> tensor<?x4x!qb> loc("flat4.quantize")
  %3 = npir.dequantize %2 : tensor<?x4x!qb> -> tensor<?x4xf32> loc("flat4.dequantize")
  %4 = npir.add %x, %x : (tensor<?x2x2x1xf32>, tensor<?x2x2x1xf32>) -> tensor<?x2x2x1xf32> loc("add4")
  %5 = npir.transpose %4 {perm = array<i64: 0, 2, 1, 3>} : tensor<?x2x2x1xf32> -> tensor<?x2x2x1xf32> loc("turn4")
  %6 = npir.quantize %5 : tensor<?x2x2x1xf32> -> tensor<?x2x2x1x!qb> loc("turn4.quantize")
  %7 = npir.dequantize %6 : tensor<?x2x2x1x!qb> -> tensor<?x2x2x1xf32> loc("turn4.dequantize")
  %8 = npir.pad %7 {pads_begin = array<i64: 0, 1, 1, 0>, pads_end = array<i64: 0, 1, 1, 0>, value = 0.1 : f32} : tensor<?x2x2x1xf32> -> tensor<?x4x4x1xf32> loc("pad4")
  %9 = npir.add %4, %7 : (tensor<?x2x2x1xf32>, tensor<?x2x2x1xf32>) -> tensor<?x2x2x1xf32> loc("sum4")
  return %3, %9, %8 : tensor<?x4xf32>, tensor<?x2x2x1xf32>, tensor<?x4x4x1xf32>
}

// What is repeated or padded is rounded before, where it is less.
// CHECK-LABEL: func.func @less_before
// FOLD-LABEL: func.func @less_before
func.func @less_before(%x: tensor<?x2x2x1xf32> loc("x7")) -> tensor<?x6x6x1xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK-NEXT: npir.softmax
  // CHECK-NEXT: npir.quantize
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: npir.resize
  // CHECK-NEXT: npir.quantize
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: npir.pad
  // CHECK-NEXT: npir.quantize
  // FOLD: npir.quantize {{.*}} -> tensor<?x2x2x1x!
  // FOLD-NEXT: npir.resize nearest {{.*}}requant_copy
  // FOLD-NEXT: npir.pad {{.*}}requant_copy
  // FOLD-NEXT: npir.tanh {{.*}}requant_table
  %0 = npir.softmax %x : tensor<?x2x2x1xf32> -> tensor<?x2x2x1xf32> loc("softmax7")
  %1 = npir.resize nearest %0 {sizes = array<i64: 4, 4>} : tensor<?x2x2x1xf32> -> tensor<?x4x4x1xf32> loc("large7")
  %2 = npir.pad %1 {pads_begin = array<i64: 0, 1, 1, 0>, pads_end = array<i64: 0, 1, 1, 0>} : tensor<?x4x4x1xf32> -> tensor<?x6x6x1xf32> loc("pad7")
  %3 = npir.quantize %2 : tensor<?x6x6x1xf32> -> tensor<?x6x6x1x!qb> loc("pad7.quantize")
  %4 = npir.dequantize %3 : tensor<?x6x6x1x!qb> -> tensor<?x6x6x1xf32> loc("pad7.dequantize")
  %5 = npir.tanh %4 : tensor<?x6x6x1xf32> -> tensor<?x6x6x1xf32> loc("tanh7")
  %6 = npir.quantize %5 : tensor<?x6x6x1xf32> -> tensor<?x6x6x1x!qb> loc("tanh7.quantize")
  %7 = npir.dequantize %6 : tensor<?x6x6x1x!qb> -> tensor<?x6x6x1xf32> loc("tanh7.dequantize")
  return %7 : tensor<?x6x6x1xf32>
}

// One that the type has, such as 0, moves as integers.
// CHECK-LABEL: func.func @padded
func.func @padded(%x: tensor<?x2x2x1xf32> loc("x5")) -> tensor<?x4x4x1xf32> attributes {npir.station = #npir.station<qdq>} {
  // CHECK: npir.pad
  // CHECK-NEXT: npir.quantize
  // CHECK-NEXT: npir.dequantize
  // CHECK-NEXT: return
  %0 = npir.quantize %x : tensor<?x2x2x1xf32> -> tensor<?x2x2x1x!qb> loc("x5.quantize")
  %1 = npir.dequantize %0 : tensor<?x2x2x1x!qb> -> tensor<?x2x2x1xf32> loc("x5.dequantize")
  %2 = npir.pad %1 {pads_begin = array<i64: 0, 1, 1, 0>, pads_end = array<i64: 0, 1, 1, 0>} : tensor<?x2x2x1xf32> -> tensor<?x4x4x1xf32> loc("pad5")
  return %2 : tensor<?x4x4x1xf32>
}

// CHECK-DAG: [[QLOC]] = loc("flat.quantize")
// CHECK-DAG: [[DLOC]] = loc("flat.dequantize")
// CHECK-DAG: [[YLOC]] = loc("y2.dequantize.quantize")
