// SPDX-License-Identifier: Apache-2.0
// One file after another over one reused handle, so that its connection is kept. It should win where the line is full
// with one transfer and where latency is nothing; it waits a whole round trip for every file.
#include "io/download/engine/timed.h"

namespace overtake::download {
namespace {

class Sequential final : public Downloader {
 public:
  void run(Session& session, Context& context) override {
    const auto transfer = context.transfer();
    run_transfers(session, *transfer);
  }
};

std::unique_ptr<Downloader> make(const Options&) { return std::make_unique<Sequential>(); }

OVERTAKE_DOWNLOAD(sequential, Strategy::serial, make);

}  // namespace
}  // namespace overtake::download
