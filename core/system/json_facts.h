// SPDX-License-Identifier: Apache-2.0
// Builds a JSON object in which what could not be read is null and stands with its reason under "unavailable".
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <utility>

#include "core/system/fact.h"

namespace overtake {

class JsonFacts {
 public:
  template <class T>
  void add(const std::string& key, const Fact<T>& fact) {
    if (fact.value)
      values_[key] = *fact.value;
    else
      missing(key, fact.reason);
  }
  void add(const std::string& key, nlohmann::ordered_json value) { values_[key] = std::move(value); }
  void missing(const std::string& key, const std::string& reason) {
    values_[key] = nullptr;
    unavailable_[key] = reason;
  }
  /// The value where there is one, otherwise null and the reason.
  void add_if(bool known, const std::string& key, nlohmann::ordered_json value, const std::string& reason) {
    known ? add(key, std::move(value)) : missing(key, reason);
  }
  nlohmann::ordered_json finish() && {
    if (!unavailable_.empty()) values_["unavailable"] = std::move(unavailable_);
    return std::move(values_);
  }

 private:
  nlohmann::ordered_json values_ = nlohmann::ordered_json::object();
  nlohmann::ordered_json unavailable_ = nlohmann::ordered_json::object();
};

}  // namespace overtake
