// RUN: npir-opt %s --split-input-file --verify-diagnostics

func.func @adjustment(%x: tensor<?x4x4x2xf32>) -> tensor<?x10x8x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x10x8x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x2x2x2xf32>
    // expected-error @below {{expected output padding below the stride}}
    %r = xnn.deconvolution_2d %ix, %f {padding = array<i64: 0, 0, 0, 0>, adjustment = array<i64: 2, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x2x2x2xf32>) -> tensor<?x10x8x2xf32>
    xnn.yield %r : tensor<?x10x8x2xf32>
  }
  return %0 : tensor<?x10x8x2xf32>
}

// -----

func.func @small_result(%x: tensor<?x1x4x2xf32>) -> tensor<?x1x8x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x1x4x2xf32> = %x) -> tensor<?x1x8x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x2x2x2xf32>
    // expected-error @below {{expected a result that is at least as large as the stride}}
    %r = xnn.deconvolution_2d %ix, %f {padding = array<i64: 1, 0, 0, 0>, adjustment = array<i64: 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x1x4x2xf32>, tensor<2x2x2x2xf32>) -> tensor<?x1x8x2xf32>
    xnn.yield %r : tensor<?x1x8x2xf32>
  }
  return %0 : tensor<?x1x8x2xf32>
}

// -----

func.func @groups(%x: tensor<?x4x4x2xf32>) -> tensor<?x8x8x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x8x8x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x2x2x2xf32>
    // expected-error @below {{expected a filter that fits 2 groups of 'tensor<?x4x4x2xf32>', got 'tensor<2x2x2x2xf32>'}}
    %r = xnn.deconvolution_2d %ix, %f {padding = array<i64: 0, 0, 0, 0>, adjustment = array<i64: 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, groups = 2 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x2x2x2xf32>) -> tensor<?x8x8x2xf32>
    xnn.yield %r : tensor<?x8x8x2xf32>
  }
  return %0 : tensor<?x8x8x2xf32>
}

// -----

func.func @list(%x: tensor<?x4x4x2xf32>) -> tensor<?x8x8x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x8x8x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x2x2x2xf32>
    // expected-error @below {{expected 2 values of adjustment, got 1}}
    %r = xnn.deconvolution_2d %ix, %f {padding = array<i64: 0, 0, 0, 0>, adjustment = array<i64: 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x2x2x2xf32>) -> tensor<?x8x8x2xf32>
    xnn.yield %r : tensor<?x8x8x2xf32>
  }
  return %0 : tensor<?x8x8x2xf32>
}

// -----

func.func @filter(%x: tensor<?x4x4x2xf32>) -> tensor<?x8x8x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x8x8x2xf32> {
    %f = npir.constant dense<1.0> : tensor<2x2x2xf32>
    // expected-error @below {{expected an input and a filter of rank 4 and static shape, got 'tensor<?x4x4x2xf32>' and 'tensor<2x2x2xf32>'}}
    %r = xnn.deconvolution_2d %ix, %f {padding = array<i64: 0, 0, 0, 0>, adjustment = array<i64: 0, 0>, strides = array<i64: 2, 2>, dilations = array<i64: 1, 1>, groups = 1 : i64}
        : (tensor<?x4x4x2xf32>, tensor<2x2x2xf32>) -> tensor<?x8x8x2xf32>
    xnn.yield %r : tensor<?x8x8x2xf32>
  }
  return %0 : tensor<?x8x8x2xf32>
}

// -----

func.func @resize_rank(%x: tensor<?x4x2xf32>) -> tensor<?x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x2xf32> = %x) -> tensor<?x4x2xf32> {
    // expected-error @below {{expected an input of rank 4, got 'tensor<?x4x2xf32>'}}
    %r = xnn.static_resize_bilinear_2d %ix {sizes = array<i64: 4, 4>} : tensor<?x4x2xf32> -> tensor<?x4x2xf32>
    xnn.yield %r : tensor<?x4x2xf32>
  }
  return %0 : tensor<?x4x2xf32>
}

// -----

func.func @resize_sizes(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    // expected-error @below {{expected 2 sizes, got 1}}
    %r = xnn.static_resize_bilinear_2d %ix {sizes = array<i64: 4>} : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @resize_limit(%x: tensor<?x4x4x2xf32>) -> tensor<?x4x4x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x4x4x2xf32> {
    // expected-error @below {{expected height and width below 2^24, got 16777216}}
    %r = xnn.static_resize_bilinear_2d %ix {sizes = array<i64: 4, 16777216>} : tensor<?x4x4x2xf32> -> tensor<?x4x4x2xf32>
    xnn.yield %r : tensor<?x4x4x2xf32>
  }
  return %0 : tensor<?x4x4x2xf32>
}

// -----

func.func @resize_modes(%x: tensor<?x4x4x2xf32>) -> tensor<?x8x8x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4x4x2xf32> = %x) -> tensor<?x8x8x2xf32> {
    // expected-error @below {{expected only one of align_corners and legacy}}
    %r = xnn.static_resize_bilinear_2d %ix {sizes = array<i64: 8, 8>, align_corners, legacy} : tensor<?x4x4x2xf32> -> tensor<?x8x8x2xf32>
    xnn.yield %r : tensor<?x8x8x2xf32>
  }
  return %0 : tensor<?x8x8x2xf32>
}

// -----

!q = !quant.uniform<i8:f32, 5.000000e-01>
func.func @prelu(%x: tensor<?x4x!q>) -> tensor<?x4x!q> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!q> = %x) -> tensor<?x4x!q> {
    // expected-error @below {{expected f32 tensors, got 'tensor<?x4x!quant.uniform<i8:f32, 5.000000e-01>>'}}
    %r = xnn.binary prelu %ix, %ix : (tensor<?x4x!q>, tensor<?x4x!q>) -> tensor<?x4x!q>
    xnn.yield %r : tensor<?x4x!q>
  }
  return %0 : tensor<?x4x!q>
}
