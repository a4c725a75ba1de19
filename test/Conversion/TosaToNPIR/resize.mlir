// RUN: npir-opt %s --convert-tosa-to-npir --split-input-file --mlir-print-local-scope | FileCheck %s

// Half pixels: offset = (denominator - numerator) / 2.
// CHECK-LABEL: @half_pixel(
func.func @half_pixel(%x: tensor<?x4x4x3xf32>) -> (tensor<?x8x8x3xf32>, tensor<?x8x8x3xf32>) {
  %scale = tosa.const_shape {values = dense<[4, 2, 4, 2]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %offset = tosa.const_shape {values = dense<-1> : tensor<2xindex>} : () -> !tosa.shape<2>
  %border = tosa.const_shape {values = dense<1> : tensor<2xindex>} : () -> !tosa.shape<2>
  // CHECK-NEXT: npir.resize bilinear %{{.*}} {sizes = array<i64: 8, 8>} : tensor<?x4x4x3xf32> -> tensor<?x8x8x3xf32>
  %0 = tosa.resize %x, %scale, %offset, %border {mode = BILINEAR} : (tensor<?x4x4x3xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<?x8x8x3xf32>
  // CHECK-NEXT: npir.resize nearest %{{.*}} {rounding = #npir.resize_rounding<round_prefer_ceil>, sizes = array<i64: 8, 8>}
  %1 = tosa.resize %x, %scale, %offset, %border {mode = NEAREST_NEIGHBOR} : (tensor<?x4x4x3xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<?x8x8x3xf32>
  return %0, %1 : tensor<?x8x8x3xf32>, tensor<?x8x8x3xf32>
}

// -----

// CHECK-LABEL: @corners(
func.func @corners(%x: tensor<?x4x4x3xf32>) -> tensor<?x7x7x3xf32> {
  %scale = tosa.const_shape {values = dense<[2, 1, 2, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %zero = tosa.const_shape {values = dense<0> : tensor<2xindex>} : () -> !tosa.shape<2>
  // CHECK-NEXT: npir.resize bilinear %{{.*}} {coordinates = #npir.resize_coordinates<asymmetric>, scales = array<f32: 2.000000e+00, 2.000000e+00>, sizes = array<i64: 7, 7>}
  %0 = tosa.resize %x, %scale, %zero, %zero {mode = BILINEAR} : (tensor<?x4x4x3xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<?x7x7x3xf32>
  return %0 : tensor<?x7x7x3xf32>
}

// -----

// Rows and columns that no coordinates of npir find.
// CHECK-LABEL: @gathered(
func.func @gathered(%x: tensor<?x4x4x3xf32>) -> tensor<?x3x4x3xf32> {
  %scale = tosa.const_shape {values = dense<[1, 2, 1, 1]> : tensor<4xindex>} : () -> !tosa.shape<4>
  %offset = tosa.const_shape {values = dense<[-1, 0]> : tensor<2xindex>} : () -> !tosa.shape<2>
  %border = tosa.const_shape {values = dense<0> : tensor<2xindex>} : () -> !tosa.shape<2>
  // CHECK-NEXT: %[[R:.*]] = npir.constant dense<[0, 1, 3]> : tensor<3xi32> loc("resize_0.rows.indices")
  // CHECK-NEXT: npir.gather %{{.*}}, %[[R]] {axis = 1 : i64} {{.*}} loc("resize_0.rows")
  // CHECK-NEXT: %[[C:.*]] = npir.constant dense<[0, 1, 2, 3]> : tensor<4xi32>
  // CHECK-NEXT: npir.gather %{{.*}}, %[[C]] {axis = 2 : i64} {{.*}} loc("resize_0"
  %0 = tosa.resize %x, %scale, %offset, %border {mode = NEAREST_NEIGHBOR} : (tensor<?x4x4x3xf32>, !tosa.shape<4>, !tosa.shape<2>, !tosa.shape<2>) -> tensor<?x3x4x3xf32>
  return %0 : tensor<?x3x4x3xf32>
}
