// RUN: npir-opt %s --split-input-file --verify-diagnostics

!w8 = !quant.uniform<i8<-127:127>:f32, 1.0>
func.func @dynamic_groups(%x: tensor<?x64xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%a: tensor<?x64xf32> = %x) -> tensor<?x2xf32> {
    %w = npir.constant dense<1> : tensor<2x64xi8> as tensor<2x64x!w8>
    %s = npir.constant dense<0.5> : tensor<2x2xf32>
    // expected-error @+1 {{expected 4-bit weights in groups of a multiple of 32, got 8 bits in groups of 32}}
    %1 = xnn.hybrid_fully_connected %a, %w, %s {dynamic} : (tensor<?x64xf32>, tensor<2x64x!w8>, tensor<2x2xf32>) -> tensor<?x2xf32>
    xnn.yield %1 : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!w4 = !quant.uniform<i4<-7:7>:f32, 1.0>
func.func @half_scales(%x: tensor<?x64xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%a: tensor<?x64xf32> = %x) -> tensor<?x2xf32> {
    %w = npir.constant dense<1> : tensor<2x64xi8> as tensor<2x64x!w4>
    %s = npir.constant dense<0.3> : tensor<2x2xf32>
    // expected-error @+1 {{expected group scales of 8 significant bits, got 3.0}}
    %1 = xnn.hybrid_fully_connected %a, %w, %s {dynamic} : (tensor<?x64xf32>, tensor<2x64x!w4>, tensor<2x2xf32>) -> tensor<?x2xf32>
    xnn.yield %1 : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!w4 = !quant.uniform<i4<-7:7>:f32, 1.0>
func.func @odd(%x: tensor<?x3xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%a: tensor<?x3xf32> = %x) -> tensor<?x2xf32> {
    %w = npir.constant dense<1> : tensor<2x3xi8> as tensor<2x3x!w4>
    %s = npir.constant dense<0.5> : tensor<2x1xf32>
    // expected-error @+1 {{expected a filter of 8 bits, or of 4 and with an even number of input channels}}
    %1 = xnn.hybrid_fully_connected %a, %w, %s {dynamic} : (tensor<?x3xf32>, tensor<2x3x!w4>, tensor<2x1xf32>) -> tensor<?x2xf32>
    xnn.yield %1 : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!w = !quant.uniform<i8<-127:127>:f32, 0.5>
func.func @scaled(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%a: tensor<?x4xf32> = %x) -> tensor<?x2xf32> {
    %w = npir.constant dense<1> : tensor<2x4xi8> as tensor<2x4x!w>
    %s = npir.constant dense<0.5> : tensor<2x1xf32>
    // expected-error @+1 {{expected a filter [OC, IC] of signed integers of up to 8 bits in a type of scale 1}}
    %1 = xnn.hybrid_fully_connected %a, %w, %s : (tensor<?x4xf32>, tensor<2x4x!w>, tensor<2x1xf32>) -> tensor<?x2xf32>
    xnn.yield %1 : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}

// -----

!w = !quant.uniform<i8<-127:127>:f32, 1.0>
func.func @scales(%x: tensor<?x4xf32>) -> tensor<?x2xf32> {
  %0 = xnn.subgraph(%a: tensor<?x4xf32> = %x) -> tensor<?x2xf32> {
    %w = npir.constant dense<1> : tensor<2x4xi8> as tensor<2x4x!w>
    %s = npir.constant dense<0.5> : tensor<2x3xf32>
    // expected-error @+1 {{expected scales [2, G] where G divides 4, got 'tensor<2x3xf32>'}}
    %1 = xnn.hybrid_fully_connected %a, %w, %s : (tensor<?x4xf32>, tensor<2x4x!w>, tensor<2x3xf32>) -> tensor<?x2xf32>
    xnn.yield %1 : tensor<?x2xf32>
  }
  return %0 : tensor<?x2xf32>
}
