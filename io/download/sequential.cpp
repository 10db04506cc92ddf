// SPDX-License-Identifier: Apache-2.0
// One file after another over one reused handle, so that its connection is kept. It should win where the line is full
// with one transfer and where latency is nothing; it waits a whole round trip for every file.
#include "io/download/engine/strategy.h"

namespace overtake::download {
namespace {

class Sequential final : public Downloader {
 public:
  void run(Session& session, Context& context) override {
    Transfer transfer(context);
    run_transfers(session, transfer);
  }
};

const bool kRegistered = register_strategy("sequential", Strategy::serial, [](const Options&) {
  return std::unique_ptr<Downloader>(std::make_unique<Sequential>());
});

}  // namespace
}  // namespace overtake::download
