// SPDX-License-Identifier: Apache-2.0
#include "io/download/engine/options.h"

#include "io/download/engine/pack.h"

namespace overtake::download {

// Both ways in one place, so that no field is forgotten in one of them.
template <class Packer, class Self>
static void exchange(Packer& packer, Self& o) {
  packer.all(o.folder, o.in_flight, o.per_host, o.retries, o.backoff, o.backoff_most, o.retry_after_most,
             o.connect_timeout, o.first_byte_timeout, o.total_timeout, o.low_speed, o.low_speed_time, o.max_size,
             o.compressed, o.digest, o.refresh, o.ca_file, o.allow_private, o.headers, o.worker_seconds);
}

std::string Options::to_text() const {
  Packer packer;
  exchange(packer, *this);
  return packer.text();
}

Options Options::from_text(const std::string& text) {
  Options options;
  Unpacker unpacker(text);
  exchange(unpacker, options);
  return options;
}

}  // namespace overtake::download
