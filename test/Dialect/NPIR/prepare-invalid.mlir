// RUN: npir-opt %s --npir-prepare --allow-unregistered-dialect --split-input-file --verify-diagnostics

// expected-error @below {{expected station 'float' or 'qdq', got 'prepared' for function @twice}}
func.func @twice(%x: tensor<?x2xf32>) -> tensor<?x2xf32> attributes {npir.station = #npir.station<prepared>} {
  return %x : tensor<?x2xf32>
}

// -----

// expected-error @below {{expected a function on npir ops, got none}}
module {}

// -----

// expected-error @below {{expected function @branches without control flow, got 2 blocks}}
func.func @branches(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %0 = npir.relu %x : tensor<?x2xf32> -> tensor<?x2xf32>
  "test.br"()[^bb1] : () -> ()
^bb1:
  return %0 : tensor<?x2xf32>
}

// -----

func.func @observed_already(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  // expected-error @unknown {{contract of station 'float' broken by layer 'x': expected no observed tensor, got npir.observe of 'x:0'; established by an importer}}
  %0 = npir.observe %x {id = "x:0", role = #npir.role<activation>, spec = #npir.spec<none>} : tensor<?x2xf32> loc("x")
  return %0 : tensor<?x2xf32>
}

// -----

func.func @computed_filter(%x: tensor<?x1x1x1xf32>, %w: tensor<1x1x1x1xf32>) -> tensor<?x1x1x1xf32> {
  %s = npir.constant dense<1.0> : tensor<1xf32>
  %0 = npir.conv2d %x, %w : (tensor<?x1x1x1xf32>, tensor<1x1x1x1xf32>) -> tensor<?x1x1x1xf32> loc("conv1")
  // expected-error @unknown {{cannot fold batch normalization 'norm1': expected a constant weight of layer 'conv1', got a computed tensor}}
  %1 = npir.batch_norm %0, %s, %s, %s, %s {axis = 3 : i64, epsilon = 1.0 : f32}
      : (tensor<?x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x1x1xf32> loc("norm1")
  return %1 : tensor<?x1x1x1xf32>
}

// -----

func.func @computed_bias(%x: tensor<?x1x1x1xf32>, %b: tensor<1xf32>) -> tensor<?x1x1x1xf32> {
  %w = npir.constant dense<1.0> : tensor<1x1x1x1xf32>
  %s = npir.constant dense<1.0> : tensor<1xf32>
  %0 = npir.conv2d %x, %w, %b : (tensor<?x1x1x1xf32>, tensor<1x1x1x1xf32>, tensor<1xf32>) -> tensor<?x1x1x1xf32> loc("conv1")
  // expected-error @unknown {{cannot fold batch normalization 'norm1': expected a constant bias of layer 'conv1', got a computed tensor}}
  %1 = npir.batch_norm %0, %s, %s, %s, %s {axis = 3 : i64, epsilon = 1.0 : f32}
      : (tensor<?x1x1x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1x1x1xf32> loc("norm1")
  return %1 : tensor<?x1x1x1xf32>
}

// -----

func.func @computed_mean(%x: tensor<?x1xf32>, %m: tensor<1xf32>) -> tensor<?x1xf32> {
  %s = npir.constant dense<1.0> : tensor<1xf32>
  // expected-error @unknown {{cannot fold batch normalization 'norm1': expected a constant mean, got a computed tensor; freeze the model's parameters before it is imported}}
  %0 = npir.batch_norm %x, %s, %s, %m, %s {axis = 1 : i64, epsilon = 1.0 : f32}
      : (tensor<?x1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>, tensor<1xf32>) -> tensor<?x1xf32> loc("norm1")
  return %0 : tensor<?x1xf32>
}

// -----

func.func @negative_variance(%x: tensor<?x2xf32>) -> tensor<?x2xf32> {
  %s = npir.constant dense<1.0> : tensor<2xf32>
  %v = npir.constant dense<[1.0, -2.0]> : tensor<2xf32>
  // expected-error @unknown {{cannot fold batch normalization 'norm1': expected finite parameters and variance + epsilon > 0, got scale 1.000000e+00, offset 1.000000e+00, mean 1.000000e+00, variance -2.000000e+00 in channel 1}}
  %0 = npir.batch_norm %x, %s, %s, %s, %v {axis = 1 : i64, epsilon = 1.0 : f32}
      : (tensor<?x2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>, tensor<2xf32>) -> tensor<?x2xf32> loc("norm1")
  return %0 : tensor<?x2xf32>
}
