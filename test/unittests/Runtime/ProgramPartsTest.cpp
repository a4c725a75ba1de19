// This file tests programs in memory whose constants stay where they are.
#include "TestNet.h"
#include <sys/mman.h>
#include <unistd.h>

using namespace npir_rt;
using namespace npir_rt::test;

namespace {

using Lifetime = ProgramBuilder::Lifetime;

/// y = x + c, where c is at `data`.
struct Sum {
  ProgramBuilder builder;
  uint32_t constant;

  Sum(const float *data, int64_t size, Lifetime lifetime) {
    uint32_t x =
        builder.addTensor(Net::info("x:0", ElementType::F32, {-1, size}));
    constant = builder.addConstant(Net::info("c:0", ElementType::F32, {size}),
                                   data, size_t(size) * 4, lifetime);
    uint32_t y =
        builder.addTensor(Net::info("y:0", ElementType::F32, {-1, size}));
    builder.addInput("x", x);
    builder.addOutput("y", y);
    builder.addOp(segment({x}, {y},
                          {makeOp("xnn.binary", "add", {x, constant}, {y},
                                  {text("operator", "add")})}));
  }

  std::shared_ptr<const Program> build() const {
    auto program = builder.build();
    EXPECT_TRUE(program.ok()) << program.status().message();
    return program.ok() ? *program : nullptr;
  }
};

/// Two pages, the second of which nobody may touch.
class Pages {
public:
  Pages() : size(size_t(sysconf(_SC_PAGESIZE))) {
    void *memory = mmap(nullptr, 2 * size, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    EXPECT_NE(memory, MAP_FAILED);
    first = static_cast<uint8_t *>(memory);
    EXPECT_EQ(mprotect(first + size, size, PROT_NONE), 0);
  }
  ~Pages() { munmap(first, 2 * size); }

  /// Numbers from 1 on that end so many bytes before the end of the first page.
  const float *numbers(size_t count, size_t before) {
    auto *data = reinterpret_cast<float *>(first + size - before - 4 * count);
    for (size_t i = 0; i < count; ++i)
      data[i] = float(i + 1);
    return data;
  }

private:
  size_t size;
  uint8_t *first;
};

void expectSum(const std::shared_ptr<const Program> &program, size_t size) {
  ASSERT_TRUE(program);
  auto executor = makeExecutor(program);
  std::vector<float> input(size, 10), expected;
  for (size_t i = 0; i < size; ++i)
    expected.push_back(float(i + 11));
  ASSERT_TRUE(executor->run({feed("x", {1, int64_t(size)}, input)}).ok());
  EXPECT_EQ(values<float>(executor->outputs()[0]), expected);
}

TEST(ProgramParts, ConstantsStayWhereTheyAre) {
  Pages pages;
  const float *data = pages.numbers(20, 64);
  Sum sum(data, 20, Lifetime::Program);
  auto program = sum.build();
  expectSum(program, 20);
  EXPECT_EQ(program->tensors()[sum.constant].data, data);
}

TEST(ProgramParts, ConstantsOfTheBuilderAreCopied) {
  std::shared_ptr<const Program> program;
  {
    Pages pages;
    program = Sum(pages.numbers(20, 64), 20, Lifetime::Builder).build();
  }
  expectSum(program, 20);
}

// A kernel may read 64 bytes more, and expects data to be aligned.
TEST(ProgramParts, ConstantsThatKernelsCannotReadAreCopied) {
  for (size_t before : {0, 48, 68}) {
    Pages pages;
    const float *data = pages.numbers(20, before);
    Sum sum(data, 20, Lifetime::Program);
    auto program = sum.build();
    expectSum(program, 20);
    EXPECT_NE(program->tensors()[sum.constant].data, data) << before;
  }
}

TEST(ProgramParts, TheSameAsFromAFile) {
  std::vector<float> data{1, 2, 3};
  ProgramBuilder builder({"test", "hash", "main", "prepared"});
  auto c = builder.addConstant(Net::info("c", ElementType::F32, {3}),
                               data.data(), 12, Lifetime::Program);
  auto empty = builder.addTensor(Net::info("x", ElementType::F32, {-1, 3}));
  builder.addInput("x", empty);
  builder.addOutput("c", c);
  auto parts = builder.build();
  auto file = Program::fromBuffer(std::move(*builder.writeToMemory()));
  ASSERT_TRUE(parts.ok() && file.ok());
  EXPECT_EQ((*parts)->constantBytes(), (*file)->constantBytes());
  EXPECT_EQ((*parts)->info().modelHash, "hash");
  EXPECT_EQ((*parts)->tensors().size(), (*file)->tensors().size());
  EXPECT_EQ((*parts)->findTensor("c"), (*file)->findTensor("c"));
}

TEST(ProgramParts, FaultsAreToldAsOfFiles) {
  std::vector<float> data{1, 2, 3};
  ProgramBuilder builder;
  builder.addConstant(Net::info("c", ElementType::F32, {4}), data.data(), 12,
                      Lifetime::Program);
  auto program = builder.build();
  ASSERT_FALSE(program.ok());
  EXPECT_NE(
      program.status().message().find("expected 16 bytes of data, got 12"),
      std::string::npos);
}

TEST(ProgramParts, EveryTensorHasAPlace) {
  ProgramParts parts;
  auto program = Program::fromParts(std::move(parts));
  EXPECT_FALSE(program.ok());
}

} // namespace
