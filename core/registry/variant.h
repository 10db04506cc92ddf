// SPDX-License-Identifier: Apache-2.0
// Erases the types of a workload and a variant once, so that everything else works on Instance and Data. A variant's
// file ends with OVERTAKE_VARIANT; what a variant class and a workload struct must have is said here.
#pragma once

#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "core/error.h"
#include "core/memory/arena.h"
#include "core/registry/registry.h"

namespace overtake {

// A workload W has
//   name, baseline, size_help, rate_unit, param_names, has_f64
//   struct Problem { static Problem from(const KeyValues& shape, const KeyValues& params);  // throws UsageError
//                    KeyValues shape() const; Problem shrunk(std::int64_t divisor) const; };
//   static KeyValues parse_size(std::string_view);
//   static Cost cost(const Problem&, Dtype);
//   template <class T> struct Input  { Input(const Problem&, Arena&, const InputSource&); };  // allocates and fills
//   template <class T> struct Output { Output(const Problem&, const Input<T>&, Arena&); void poison(); };
//   template <class T> struct Checker { explicit Checker(const Input<T>&); Check operator()(const Output<T>&); };
//   template <class T> static faults(): a range of { std::string_view name; void (*plant)(const Input<T>&, Output<T>&);
//   } template <class T, class V> static void load(V&, const Input<T>&, Output<T>&);  // calls the variant's load
// and may have
//   has_elements = false (T is NoElement then), has_workers = false (a parameter says how many)
//   has_tensor_types = true (T may be Bf16 and Tf32)
//   static bool rehearsed(const Problem&);
//   static std::vector<LeastTime> least_times(const Problem&, const Input<T>&, Output<T>&);
// A variant V has
//   V(const W::Problem&, const Resources&);  void load(...); void run(); void store();
// and may have
//   static std::optional<std::string> unavailable();   // why it cannot run on this machine
//   void reset();  void poison();  KeyValues metrics() const;  int workers() const;  double device_seconds();

template <class W, class T>
class TypedData final : public Data {
 public:
  TypedData(const typename W::Problem& p, const InputSource& source, const std::vector<int>& descriptors)
      : problem(p),
        arenas_{arena(descriptors, 0), arena(descriptors, 1), arena(descriptors, 2)},
        inputs{{p, arenas_[0], input_source(source, descriptors, 0)},
               {p, arenas_[1], input_source(source, descriptors, 1)}},
        output(p, inputs[0], arenas_[2]) {
    if (descriptors.empty())
      for (Arena& a : arenas_) a.seal();
  }

  Cost cost() const override { return W::cost(problem, dtype_of<T>()); }
  KeyValues shape() const override { return problem.shape(); }
  std::vector<LeastTime> least_times() override {
    if constexpr (requires { W::least_times(problem, inputs[0], output); })
      return W::least_times(problem, inputs[0], output);
    else
      return {};
  }
  std::vector<int> descriptors() const override { return {arenas_[0].fd(), arenas_[1].fd(), arenas_[2].fd()}; }
  std::vector<std::string_view> faults() const override {
    std::vector<std::string_view> names;
    for (const auto& fault : W::template faults<T>()) names.push_back(fault.name);
    return names;
  }
  void plant(std::size_t fault, int which) override { W::template faults<T>()[fault].plant(inputs[which], output); }

  void poison() override { output.poison(); }
  Check check(int which) override {
    // Made when first asked for, because a reference answer can take long.
    if (!checkers_[which]) checkers_[which].emplace(inputs[which]);
    return (*checkers_[which])(output);
  }

 private:
  static Arena arena(const std::vector<int>& descriptors, std::size_t i) {
    return descriptors.empty() ? Arena() : Arena::attach(descriptors.at(i));
  }
  // The second input: a stale answer to the first must be wrong for it.
  static InputSource input_source(InputSource source, const std::vector<int>& descriptors, int which) {
    source.attached = !descriptors.empty();
    source.second = which == 1;
    if (source.second) source.seed.value = mix64(source.seed.value + 1);
    return source;
  }

 public:
  const typename W::Problem problem;

 private:
  Arena arenas_[3];

 public:
  typename W::template Input<T> inputs[2];
  typename W::template Output<T> output;

 private:
  std::optional<typename W::template Checker<T>> checkers_[2];
};

template <class W, class T, class V>
class TypedInstance final : public Instance {
 public:
  TypedInstance(TypedData<W, T>& data, const Resources& resources)
      : data_(data), resources_(resources), variant_(data.problem, resources) {}

  void load(int which) override { W::template load<T>(variant_, data_.inputs[which], data_.output); }
  void reset() override {
    if constexpr (requires { variant_.reset(); }) variant_.reset();
  }
  bool has_reset() const override {
    return requires(V& v) { v.reset(); };
  }
  void run() override { variant_.run(); }
  void store() override { variant_.store(); }
  void poison() override {
    data_.poison();
    if constexpr (requires { variant_.poison(); }) variant_.poison();
  }
  Check check(int which) override { return data_.check(which); }
  KeyValues metrics() const override {
    if constexpr (requires { variant_.metrics(); })
      return variant_.metrics();
    else
      return {};
  }
  int workers() const override {
    if constexpr (requires { variant_.workers(); })
      return variant_.workers();
    else
      return resources_.workers;
  }
  double device_seconds() override {
    if constexpr (requires { variant_.device_seconds(); })
      return variant_.device_seconds();
    else
      return -1;
  }

 private:
  TypedData<W, T>& data_;
  Resources resources_;
  V variant_;
};

/// What the registry knows of W. In core/registry/workload_info.h, compiled once, by the workload's own source: with
/// every variant it took a third of the time that a variant takes to compile.
template <class W>
WorkloadInfo workload_info();

/// Registers `variant` of W for the element types Ts. `V` is a class template over the element type.
template <class W, template <class> class V, class... Ts>
bool register_variant(std::string_view name, Strategy strategy, std::string_view library = {}) {
  Registry::global().add(workload_info<W>());
  VariantInfo info;
  info.workload = W::name;
  info.name = name;
  info.strategy = strategy;
  info.library = library;
  info.dtypes = {dtype_of<Ts>()...};
  info.scopes = {Scope::kernel, Scope::end_to_end, Scope::cold_start};
  using First = V<std::tuple_element_t<0, std::tuple<Ts...>>>;
  if constexpr (requires(First& v) { v.device_seconds(); }) info.scopes.push_back(Scope::device);
  info.unavailable = []() -> std::optional<std::string> {
    if constexpr (requires { First::unavailable(); })
      return First::unavailable();
    else
      return std::nullopt;
  };
  info.make = [](Dtype dtype, Data& data, const Resources& resources) {
    std::unique_ptr<Instance> made;
    const auto attempt = [&]<class T>() {
      if (dtype == dtype_of<T>())
        made = std::make_unique<TypedInstance<W, T, V<T>>>(static_cast<TypedData<W, T>&>(data), resources);
    };
    (attempt.template operator()<Ts>(), ...);
    if (made == nullptr) throw Skip("no " + std::string(to_string(dtype)) + " form of this variant");
    return made;
  };
  Registry::global().add(std::move(info));
  return true;
}

/// The last line of a variant's file: OVERTAKE_VARIANT(Matmul, openmp, Strategy::threads, OpenMP, float, double);
#define OVERTAKE_VARIANT(workload, name, strategy, variant, ...)               \
  [[maybe_unused]] static const bool overtake_registered_##workload##_##name = \
      ::overtake::register_variant<workload, variant, __VA_ARGS__>(#name, strategy)

/// The same for a library that is a yardstick: its name comes last but for the types.
#define OVERTAKE_YARDSTICK(workload, name, strategy, variant, library, ...)    \
  [[maybe_unused]] static const bool overtake_registered_##workload##_##name = \
      ::overtake::register_variant<workload, variant, __VA_ARGS__>(#name, strategy, library)

}  // namespace overtake
