// The hash tells models apart by structure and weights, and by nothing else.

// RUN: npir-opt %s --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' > %t.base
// RUN: FileCheck %s < %t.base
// CHECK: model_hash = "{{([0-9a-f]{32})}}"

// Equal: bytecode, another key, other names, inline values, defaults spelled out.
// RUN: npir-opt %s --emit-bytecode | npir-opt --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' | diff %t.base -
// RUN: sed 's/weights/other_key/' %s | npir-opt --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' | diff %t.base -
// RUN: sed 's/conv1/conv2/' %s | npir-opt --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' | diff %t.base -
// RUN: sed 's/dense_resource<weights>/dense<[[[[1.0]]], [[[1.0]]]]>/' %s | npir-opt --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' | diff %t.base -
// RUN: sed 's/{groups/{strides = array<i64: 1, 1>, groups/' %s | npir-opt --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' | diff %t.base -

// Different: one bit of a weight, another op, attribute, operand order or type.
// RUN: sed 's/0000803F"/0100803F"/' %s | npir-opt --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' | not diff %t.base -
// RUN: sed 's/npir.tanh/npir.sigmoid/' %s | npir-opt --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' | not diff %t.base -
// RUN: sed 's/min = 0.5/min = 0.25/' %s | npir-opt --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' | not diff %t.base -
// RUN: sed 's/npir.add %1, %2/npir.add %2, %1/' %s | npir-opt --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' | not diff %t.base -
// RUN: sed 's/?x1x1x/?x2x1x/g' %s | npir-opt --npir-prepare | grep -o 'model_hash = "[0-9a-f]*"' | not diff %t.base -

func.func @main(%x: tensor<?x1x1x2xf32>) -> tensor<?x1x1x2xf32> {
  %w = npir.constant dense_resource<weights> : tensor<2x1x1x1xf32>
  %0 = npir.conv2d %x, %w {groups = 2 : i64} : (tensor<?x1x1x2xf32>, tensor<2x1x1x1xf32>) -> tensor<?x1x1x2xf32> loc("conv1")
  %1 = npir.tanh %0 : tensor<?x1x1x2xf32> -> tensor<?x1x1x2xf32>
  %2 = npir.clamp %x {min = 0.5 : f32, max = 4.0 : f32} : tensor<?x1x1x2xf32> -> tensor<?x1x1x2xf32>
  %3 = npir.add %1, %2 : (tensor<?x1x1x2xf32>, tensor<?x1x1x2xf32>) -> tensor<?x1x1x2xf32>
  return %3 : tensor<?x1x1x2xf32>
}

{-#
  dialect_resources: {
    builtin: {
      weights: "0x100000000000803F0000803F"
    }
  }
#-}
