// RUN: npir-opt %s --split-input-file --verify-diagnostics

func.func @unary_shape(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x2xf32> {
    // expected-error @below {{expected a result of type 'tensor<?x4xf32>', got 'tensor<?x2xf32>'}}
    %r = xnn.unary abs %ix : tensor<?x4xf32> -> tensor<?x2xf32>
    xnn.yield %r : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @unary_kind(%x: tensor<?x4xf32>) -> tensor<?x4x!qa> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x4x!qa> {
    // expected-error @below {{expected all of f32 or all quantized}}
    %r = xnn.unary tanh %ix : tensor<?x4xf32> -> tensor<?x4x!qa>
    xnn.yield %r : tensor<?x4x!qa>
  }
  return %0 : tensor<?x4x!qa>
}

// -----

func.func @unary_bounds_of_another(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x4xf32> {
    // expected-error @below {{expected min and max on clamp only}}
    %r = xnn.unary tanh %ix {min = 0.0 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

func.func @unary_alpha_of_another(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x4xf32> {
    // expected-error @below {{expected alpha on elu only}}
    %r = xnn.unary tanh %ix {alpha = 1.0 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

func.func @elu_alpha(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x4xf32> {
    // expected-error @below {{expected a finite alpha}}
    %r = xnn.unary elu %ix {alpha = 0x7F800000 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

func.func @clamp_order(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x4xf32> {
    // expected-error @below {{expected min <= max, got 1.000000e+00 and 0.000000e+00}}
    %r = xnn.unary clamp %ix {min = 1.0 : f32, max = 0.0 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

func.func @clamp_nan(%x: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x4xf32> {
    // expected-error @below {{expected min <= max, got}}
    %r = xnn.unary clamp %ix {min = 0x7FC00000 : f32} : tensor<?x4xf32> -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

!qs = !quant.uniform<i8:f32, 1.000000e+00>
!qx = !quant.uniform<i8:f32, 1.300000e+02>
func.func @convert_ratio_large(%x: tensor<?x4x!qx>) -> tensor<?x4x!qs> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qx> = %x) -> tensor<?x4x!qs> {
    // expected-error @below {{expected input scale / result scale in [2^-8, 2^7], got 1.300000e+02}}
    %r = xnn.unary convert %ix : tensor<?x4x!qx> -> tensor<?x4x!qs>
    xnn.yield %r : tensor<?x4x!qs>
  }
  return %0 : tensor<?x4x!qs>
}

// -----

!qs = !quant.uniform<i8:f32, 1.000000e+00>
!qx = !quant.uniform<i8:f32, 1.953125e-03>
func.func @convert_ratio_small(%x: tensor<?x4x!qx>) -> tensor<?x4x!qs> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qx> = %x) -> tensor<?x4x!qs> {
    // expected-error @below {{expected input scale / result scale in [2^-8, 2^7], got 1.953125e-03}}
    %r = xnn.unary convert %ix : tensor<?x4x!qx> -> tensor<?x4x!qs>
    xnn.yield %r : tensor<?x4x!qs>
  }
  return %0 : tensor<?x4x!qs>
}

// -----

!qn = !quant.uniform<i8<-127:127>:f32, 6.250000e-02>
func.func @convert_storage(%x: tensor<?x4xf32>) -> tensor<?x4x!qn> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x) -> tensor<?x4x!qn> {
    // expected-error @below {{expected the result in its storage range [-127, 127], but XNNPACK computes values in [-128, 127]}}
    %r = xnn.unary convert %ix : tensor<?x4xf32> -> tensor<?x4x!qn>
    xnn.yield %r : tensor<?x4x!qn>
  }
  return %0 : tensor<?x4x!qn>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
!qn = !quant.uniform<i8<-127:127>:f32, 6.250000e-02>
func.func @clamp_storage(%x: tensor<?x4x!qa>) -> tensor<?x4x!qn> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qa> = %x) -> tensor<?x4x!qn> {
    // expected-error @below {{expected the result in its storage range [-127, 127], but XNNPACK computes values in [-128, 16]}}
    %r = xnn.unary clamp %ix {max = 1.0 : f32} : tensor<?x4x!qa> -> tensor<?x4x!qn>
    xnn.yield %r : tensor<?x4x!qn>
  }
  return %0 : tensor<?x4x!qn>
}

// -----

func.func @binary_broadcast(%x: tensor<?x4xf32>, %y: tensor<?x3xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x, %iy: tensor<?x3xf32> = %y) -> tensor<?x4xf32> {
    // expected-error @below {{expected shapes that broadcast, got 'tensor<?x4xf32>' and 'tensor<?x3xf32>'}}
    %r = xnn.binary add %ix, %iy : (tensor<?x4xf32>, tensor<?x3xf32>) -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

func.func @binary_shape(%x: tensor<?x4xf32>, %y: tensor<1x4xf32>) -> tensor<1x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x, %iy: tensor<1x4xf32> = %y) -> tensor<1x4xf32> {
    // expected-error @below {{expected a result of type 'tensor<?x4xf32>', got 'tensor<1x4xf32>'}}
    %r = xnn.binary add %ix, %iy : (tensor<?x4xf32>, tensor<1x4xf32>) -> tensor<1x4xf32>
    xnn.yield %r : tensor<1x4xf32>
  }
  return %0 : tensor<1x4xf32>
}

// -----

!qa = !quant.uniform<i8:f32, 6.250000e-02:-128>
func.func @binary_kind(%x: tensor<?x4xf32>, %y: tensor<?x4x!qa>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x, %iy: tensor<?x4x!qa> = %y) -> tensor<?x4xf32> {
    // expected-error @below {{expected all of f32 or all quantized}}
    %r = xnn.binary add %ix, %iy : (tensor<?x4xf32>, tensor<?x4x!qa>) -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

func.func @binary_bounds(%x: tensor<?x4xf32>, %y: tensor<?x4xf32>) -> tensor<?x4xf32> {
  %0 = xnn.subgraph(%ix: tensor<?x4xf32> = %x, %iy: tensor<?x4xf32> = %y) -> tensor<?x4xf32> {
    // expected-error @below {{expected output_min <= output_max, got 1.000000e+00 and 0.000000e+00}}
    %r = xnn.binary add %ix, %iy {output_min = 1.0 : f32, output_max = 0.0 : f32} : (tensor<?x4xf32>, tensor<?x4xf32>) -> tensor<?x4xf32>
    xnn.yield %r : tensor<?x4xf32>
  }
  return %0 : tensor<?x4xf32>
}

// -----

!qs = !quant.uniform<i8:f32, 1.000000e+00>
!qx = !quant.uniform<i8:f32, 2.560000e+02>
func.func @add_ratio_large(%x: tensor<?x4x!qx>, %y: tensor<?x4x!qs>) -> tensor<?x4x!qs> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qx> = %x, %iy: tensor<?x4x!qs> = %y) -> tensor<?x4x!qs> {
    // expected-error @below {{expected operand scale / result scale in [2^-10, 2^8), got 2.560000e+02}}
    %r = xnn.binary add %ix, %iy : (tensor<?x4x!qx>, tensor<?x4x!qs>) -> tensor<?x4x!qs>
    xnn.yield %r : tensor<?x4x!qs>
  }
  return %0 : tensor<?x4x!qs>
}

// -----

!qs = !quant.uniform<i8:f32, 1.000000e+00>
!qx = !quant.uniform<i8:f32, 4.8828125E-4>
func.func @subtract_ratio_small(%x: tensor<?x4x!qs>, %y: tensor<?x4x!qx>) -> tensor<?x4x!qs> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qs> = %x, %iy: tensor<?x4x!qx> = %y) -> tensor<?x4x!qs> {
    // expected-error @below {{expected operand scale / result scale in [2^-10, 2^8), got 4.882812e-04}}
    %r = xnn.binary subtract %ix, %iy : (tensor<?x4x!qs>, tensor<?x4x!qx>) -> tensor<?x4x!qs>
    xnn.yield %r : tensor<?x4x!qs>
  }
  return %0 : tensor<?x4x!qs>
}

// -----

!qs = !quant.uniform<i8:f32, 1.000000e+00>
!qx = !quant.uniform<i8:f32, 1.600000e+01>
func.func @multiply_ratio(%x: tensor<?x4x!qx>, %y: tensor<?x4x!qx>) -> tensor<?x4x!qs> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qx> = %x, %iy: tensor<?x4x!qx> = %y) -> tensor<?x4x!qs> {
    // expected-error @below {{expected the product of the operand scales / result scale in [2^-16, 2^8), got 2.560000e+02}}
    %r = xnn.binary multiply %ix, %iy : (tensor<?x4x!qx>, tensor<?x4x!qx>) -> tensor<?x4x!qs>
    xnn.yield %r : tensor<?x4x!qs>
  }
  return %0 : tensor<?x4x!qs>
}

// -----

!qn = !quant.uniform<i8<-127:127>:f32, 6.250000e-02>
func.func @add_storage(%x: tensor<?x4x!qn>, %y: tensor<?x4x!qn>) -> tensor<?x4x!qn> {
  %0 = xnn.subgraph(%ix: tensor<?x4x!qn> = %x, %iy: tensor<?x4x!qn> = %y) -> tensor<?x4x!qn> {
    // expected-error @below {{expected the result in its storage range [-127, 127], but XNNPACK computes values in [-128, 127]}}
    %r = xnn.binary add %ix, %iy {output_min = -8.0 : f32, output_max = 7.96875 : f32} : (tensor<?x4x!qn>, tensor<?x4x!qn>) -> tensor<?x4x!qn>
    xnn.yield %r : tensor<?x4x!qn>
  }
  return %0 : tensor<?x4x!qn>
}
