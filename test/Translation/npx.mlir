// RUN: npir-opt %s --convert-npir-to-xnn -o %t.mlirbc
// RUN: npir-translate --npir-to-npx %t.mlirbc -o %t.npx
// RUN: %python -c "import numpy; numpy.save('%t.npy', numpy.array([[1, -2], [3, 0.5]], 'float32'))"
// RUN: mkdir -p %t.out
// RUN: npx-run %t.npx --input x=%t.npy --output-dir %t.out --quiet
// RUN: %python -c "import numpy; print(numpy.load('%t.out/y.npy').tolist())" | FileCheck %s
// CHECK: {{\[\[}}1.0, 0.0], [3.0, 0.5]]

// The same bytes from text.
// RUN: npir-opt %s --convert-npir-to-xnn | npir-translate --npir-to-npx -o %t2.npx
// RUN: cmp %t.npx %t2.npx

func.func @main(%x: tensor<?x2xf32> loc("x")) -> (tensor<?x2xf32> {npir.name = "y"}) attributes {npir.station = #npir.station<prepared>} {
  %0 = npir.relu %x : tensor<?x2xf32> -> tensor<?x2xf32> loc("relu")
  return %0 : tensor<?x2xf32>
}
