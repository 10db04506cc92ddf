// SPDX-License-Identifier: Apache-2.0
// The fused variant of preprocess on an emulated machine, registered so that tests/registry/preprocess_test.cpp, which
// is a part of this program, puts it through all that variants of preprocess go through. Here its plans of indices.
#include <gtest/gtest.h>

#include <set>

#include "core/registry/variant.h"
#include "gpu/preprocess/engine/fused_pipeline.cuh"
#include "tests/gpu/emulated_machine.h"

namespace overtake {
namespace {

template <class T>
class FusedPreprocess {
 public:
  FusedPreprocess(const Preprocess::Problem& p, const Resources&) : pipeline_(p, machine_, &unclear_) {}

  void load(const TableView<T>& table, const Fitted& given, const Preprocess::Output<T>& output) {
    output_ = &output;
    pipeline_.load(table, given);
  }
  void run() {
    unclear_ = 0;
    pipeline_.launch(false);
    if (unclear_ != 0) pipeline_.launch(true);
  }
  void store() { pipeline_.store(*output_); }
  void poison() { pipeline_.poison(); }

 private:
  emulated::Machine machine_;
  unsigned unclear_ = 0;
  FusedPipeline<emulated::Machine> pipeline_;
  const Preprocess::Output<T>* output_ = nullptr;
};

// Of strategy serial, so that the number of workers is not tried.
OVERTAKE_VARIANT(Preprocess, cuda_emulated, Strategy::serial, FusedPreprocess, float);

TEST(FusedPreprocess, IsWhatTheSuiteOfThisProgramRuns) {
  const auto variants = Registry::global().variants("preprocess");
  ASSERT_EQ(variants.size(), 1U);
  EXPECT_EQ(variants.front()->name, "cuda_emulated");
}

void expect_right(const std::string& shape, const std::string& params) {
  const Cell cell{.workload = "preprocess",
                  .variant = "any",
                  .dtype = Dtype::f32,
                  .shape = KeyValues::parse(shape),
                  .params = KeyValues::parse(params)};
  const auto data = Registry::global().find("preprocess")->make_data(cell, {}, {});
  const auto instance =
      Registry::global().variants("preprocess").front()->make(Dtype::f32, *data, {.params = cell.params});
  instance->poison();
  instance->load(0);
  instance->run();
  instance->store();
  const Check check = instance->check(0);
  EXPECT_TRUE(check.ok) << cell.name() << ": " << check.detail;
}

// Numeric columns, places and categories that begin in one tile of features and end in another.
TEST(FusedPreprocess, IsRightWhereRowsAreWiderThanATile) {
  for (const char* encoding : {"one_hot", "ordinal"})
    expect_right("rows=203;cols=90;categorical=20;levels=230",
                 std::string("phase=both;steps=impute_mean+clip:0:9+") + encoding);
}

TEST(FusedPreprocess, FindsMediansAndMostFrequentValuesInSeveralBlocks) {
  for (const char* steps : {"impute_most_frequent+standardise", "log1p+impute_median+min_max"})
    expect_right("rows=30011;cols=2;categorical=0;levels=0", std::string("phase=both;steps=") + steps);
}

TEST(FusedPreprocess, EveryTileOfEveryColumnIsOneBlocks) {
  for (const std::int64_t rows : {0, 1, 4095, 4096, 4097, 100003})
    for (const std::int64_t columns : {0, 1, 3, 40})
      for (const std::int64_t at_once : {1, 7, 1056}) {
        const Chunks chunks = chunks_of(rows, columns, at_once);
        std::set<std::pair<std::int64_t, std::int64_t>> tiles;
        for (std::int64_t block = 0; block < chunks.blocks(); ++block) {
          EXPECT_LT(chunks.column(block), columns);
          for (std::int64_t tile = chunks.part(block); tile < chunks.tiles(); tile += chunks.parts)
            EXPECT_TRUE(tiles.emplace(chunks.column(block), tile).second);
        }
        EXPECT_EQ(static_cast<std::int64_t>(tiles.size()), columns * chunks.tiles()) << rows << 'x' << columns;
        EXPECT_GE(chunks.parts, 1);
        if (chunks.tiles() > 0) {
          EXPECT_LE(chunks.parts, chunks.tiles());
        }
      }
}

TEST(FusedPreprocess, EveryRowOfATileIsOneThreads) {
  std::set<std::int64_t> rows;
  for (int thread = 0; thread < Chunks::kThreads; ++thread)
    for (int i = 0; i < Chunks::kVectors; ++i)
      for (int k = 0; k < kVectorWidth<float>; ++k) rows.insert(Chunks::row_of(2, thread, i) + k);
  EXPECT_EQ(static_cast<std::int64_t>(rows.size()), Chunks::kTileRows);
  EXPECT_EQ(*rows.begin(), 2 * Chunks::kTileRows);
  EXPECT_EQ(*rows.rbegin(), 3 * Chunks::kTileRows - 1);
}

TEST(FusedPreprocess, EveryFeatureOfEveryRowIsInOneTileThatFitsSharedMemory) {
  for (const std::int64_t rows : {0, 1, 63, 64, 511, 513, 2049})
    for (const std::int64_t width : {0, 1, 8, 11, 31, 32, 38, 63, 64, 65, 130}) {
      const FeatureTiles tiles = FeatureTiles::of(rows, width);
      EXPECT_LE(tiles.tile_rows * tiles.stride, FeatureTiles::kElements);
      EXPECT_EQ(tiles.stride % 2, 1);
      EXPECT_EQ(tiles.tile_rows, 1 << tiles.row_bits);
      std::int64_t elements = 0;
      for (std::int64_t block = 0; block < tiles.blocks(); ++block) {
        EXPECT_GT(tiles.rows_of(block), 0);
        EXPECT_GT(tiles.columns_of(block), 0);
        EXPECT_LE(tiles.first_row(block) + tiles.rows_of(block), rows);
        EXPECT_LE(tiles.first_column(block) + tiles.columns_of(block), width);
        elements += std::int64_t{tiles.rows_of(block)} * tiles.columns_of(block);
      }
      EXPECT_EQ(elements, rows * width) << rows << 'x' << width;
    }
}

TEST(FusedPreprocess, DividesByEveryWidthOfATile) {
  for (std::uint32_t divisor = 1; divisor <= FeatureTiles::kMostColumns; ++divisor)
    for (std::uint32_t i = 0; i < FeatureTiles::kElements; ++i)
      ASSERT_EQ(Divisor::of(divisor).quotient(i), i / divisor) << i << " / " << divisor;
}

TEST(Keys, AreInTheOrderOfTheirValues) {
  constexpr float kInf = std::numeric_limits<float>::infinity();
  const float values[] = {-kInf, -3e38f, -1.5f, -1e-42f, 0.0f, 1e-45f, 1e-42f, 1.0f, 1.0000001f, 3e38f, kInf};
  for (std::size_t i = 0; i < std::size(values); ++i) {
    EXPECT_EQ(Keys::value(Keys::of(values[i])), values[i]);
    std::uint32_t digits = 0;
    for (int pass = 0; pass < Keys::kPasses; ++pass) {
      EXPECT_EQ(Keys::prefix(Keys::of(values[i]), pass), digits);
      digits = digits << Keys::bits(pass) | Keys::digit(Keys::of(values[i]), pass);
    }
    EXPECT_EQ(digits, Keys::of(values[i]));
    if (i > 0) {
      EXPECT_LT(Keys::of(values[i - 1]), Keys::of(values[i]));
    }
  }
  EXPECT_EQ(Keys::of(-0.0f), Keys::of(0.0f));
}

TEST(LongestRun, FindsTheEndOfARun) {
  for (std::int64_t length = 1; length < 70; ++length)
    for (const std::int64_t behind : {0, 1, 9}) {
      std::vector<unsigned> sorted(3, 1);
      sorted.insert(sorted.end(), static_cast<std::size_t>(length), 2);
      sorted.insert(sorted.end(), static_cast<std::size_t>(behind), 3);
      EXPECT_EQ(LongestRun::end_of_run(sorted.data(), 3, static_cast<std::int64_t>(sorted.size())), 3 + length);
    }
}

}  // namespace
}  // namespace overtake
