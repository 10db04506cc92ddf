// SPDX-License-Identifier: Apache-2.0
#include "tests/gpu/fake_cuda.cuh"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <stdexcept>
#include <vector>

#include "gpu/cuda/check.cuh"

struct CUevent_st {
  std::int64_t records = 0, done = 0;
};

struct CUstream_st {
  struct Work {
    std::function<void()> run;
    const CUevent_st* awaited = nullptr;  // with the record that must be done
    std::int64_t record = 0;
    bool may_run() const { return awaited == nullptr || awaited->done >= record; }
  };
  std::deque<Work> queue;
};

namespace overtake::fake_cuda {
namespace {

struct Runtime {
  Order order = Order::lazy;
  std::vector<cudaStream_t> streams;
  std::deque<CUevent_st> events;  // kept: an event may be destroyed while streams still have it before them
  std::map<std::uintptr_t, std::uintptr_t> locked, blocks;  // first address -> behind the last
  std::int64_t pageable_copies = 0;
  std::string failing;
  cudaError_t error = cudaSuccess;
  int calls_before = 0;
  bool lost = false;

  Runtime() {
    if (const char* text = std::getenv("FAKE_CUDA")) {
      const std::string all = text;
      const std::size_t first = all.find(':'), second = all.find(':', first + 1);
      failing = all.substr(0, first);
      error = static_cast<cudaError_t>(std::stoi(all.substr(first + 1, second - first - 1)));
      calls_before = std::stoi(all.substr(second + 1));
    }
  }

  cudaError_t called(const char* function) {
    if (lost) return error;
    if (failing != function || calls_before-- > 0) return cudaSuccess;
    calls_before = 0;
    lost = cuda::loses_device(error);
    return error;
  }

  static bool holds(const std::map<std::uintptr_t, std::uintptr_t>& ranges, const void* address) {
    const auto at = reinterpret_cast<std::uintptr_t>(address);
    const auto next = ranges.upper_bound(at);
    return next != ranges.begin() && at < std::prev(next)->second;
  }

  static bool step(CUstream_st& stream) {
    if (stream.queue.empty() || !stream.queue.front().may_run()) return false;
    const auto work = std::move(stream.queue.front().run);
    stream.queue.pop_front();
    if (work) work();
    return true;
  }

  void finish(CUstream_st& stream) {
    while (!stream.queue.empty()) {
      bool moved = false;
      if (order == Order::eager)
        for (cudaStream_t other : streams)
          while (other != &stream && step(*other)) moved = true;
      moved = step(stream) || moved;
      if (!moved)
        for (cudaStream_t other : streams) moved = step(*other) || moved;
      if (!moved) throw std::logic_error("streams wait for each other for ever");
    }
  }
};

Runtime& runtime() {
  static Runtime all;
  return all;
}

void enqueue(cudaStream_t stream, std::function<void()> run) {
  if (stream == nullptr) throw std::logic_error("work on the default stream, which waits for nothing here");
  stream->queue.push_back({std::move(run)});
}

void* allocate(std::size_t bytes) {
  void* memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  std::memset(memory, 0xFF, bytes);
  const auto first = reinterpret_cast<std::uintptr_t>(memory);
  runtime().blocks[first] = first + bytes;
  return memory;
}

cudaError_t release(void* memory) {
  runtime().blocks.erase(reinterpret_cast<std::uintptr_t>(memory));
  std::free(memory);
  return cudaSuccess;
}

void note_copy(const void* a, const void* b) {
  for (const void* address : {a, b})
    if (!Runtime::holds(runtime().blocks, address) && !Runtime::holds(runtime().locked, address))
      ++runtime().pageable_copies;
}

}  // namespace

void use(Order order) { runtime().order = order; }
void launch(cudaStream_t stream, std::function<void()> kernel) { enqueue(stream, std::move(kernel)); }
void fail(const std::string& function, cudaError_t error, int calls_before) {
  runtime().failing = function;
  runtime().error = error;
  runtime().calls_before = calls_before;
}
void calm() {
  runtime().failing.clear();
  runtime().lost = false;
}
std::int64_t copies_of_pageable_memory() { return runtime().pageable_copies; }
std::int64_t locked_ranges() { return static_cast<std::int64_t>(runtime().locked.size()); }
std::int64_t live_blocks() { return static_cast<std::int64_t>(runtime().blocks.size()); }

}  // namespace overtake::fake_cuda

using overtake::fake_cuda::runtime;

// Ends the function with the error that was asked for.
#define FAKE_CUDA_CALLED() \
  if (const cudaError_t error = runtime().called(__func__); error != cudaSuccess) return error

extern "C" {

cudaError_t cudaGetLastError() { return cudaSuccess; }
const char* cudaGetErrorName(cudaError_t error) {
  switch (error) {
    case cudaErrorMemoryAllocation:
      return "cudaErrorMemoryAllocation";
    case cudaErrorLaunchFailure:
      return "cudaErrorLaunchFailure";
    case cudaErrorNotPermitted:
      return "cudaErrorNotPermitted";
    default:
      return "cudaErrorOfAnotherKind";
  }
}
const char* cudaGetErrorString(cudaError_t error) {
  return error == cudaErrorLaunchFailure ? "unspecified launch failure" : "so it was asked for";
}

cudaError_t cudaGetDeviceCount(int* count) {
  *count = 1;
  FAKE_CUDA_CALLED();
  return cudaSuccess;
}
cudaError_t cudaDriverGetVersion(int* version) { return *version = 12040, cudaSuccess; }
cudaError_t cudaGetDevice(int* device) {
  FAKE_CUDA_CALLED();
  return *device = 0, cudaSuccess;
}
cudaError_t cudaDeviceGetPCIBusId(char* place, int size, int) {
  return std::snprintf(place, static_cast<std::size_t>(size), "0000:00:00.0"), cudaSuccess;
}
cudaError_t cudaDeviceGetAttribute(int* value, cudaDeviceAttr attribute, int) {
  FAKE_CUDA_CALLED();
  *value = attribute == cudaDevAttrL2CacheSize ? 4096 : 1;
  return cudaSuccess;
}

cudaError_t cudaDeviceGetDefaultMemPool(cudaMemPool_t* pool, int) { return *pool = nullptr, cudaSuccess; }
cudaError_t cudaMemPoolSetAttribute(cudaMemPool_t, cudaMemPoolAttr, void*) { return cudaSuccess; }
cudaError_t cudaMemPoolGetAttribute(cudaMemPool_t, cudaMemPoolAttr, void* value) {
  return *static_cast<std::uint64_t*>(value) = 0, cudaSuccess;
}
cudaError_t cudaMemPoolTrimTo(cudaMemPool_t, std::size_t) { return cudaSuccess; }
cudaError_t cudaMemGetInfo(std::size_t* free, std::size_t* total) {
  FAKE_CUDA_CALLED();
  return *free = *total = std::size_t{1} << 30, cudaSuccess;
}
cudaError_t cudaMalloc(void** memory, std::size_t bytes) {
  FAKE_CUDA_CALLED();
  return *memory = overtake::fake_cuda::allocate(bytes), cudaSuccess;
}
cudaError_t cudaMallocAsync(void** memory, std::size_t bytes, cudaStream_t) {
  FAKE_CUDA_CALLED();
  return *memory = overtake::fake_cuda::allocate(bytes), cudaSuccess;
}
cudaError_t cudaMallocManaged(void** memory, std::size_t bytes, unsigned) {
  FAKE_CUDA_CALLED();
  return *memory = overtake::fake_cuda::allocate(bytes), cudaSuccess;
}
cudaError_t cudaFree(void* memory) { return overtake::fake_cuda::release(memory); }
cudaError_t cudaFreeAsync(void* memory, cudaStream_t) { return overtake::fake_cuda::release(memory); }

cudaError_t cudaHostRegister(void* memory, std::size_t bytes, unsigned) {
  FAKE_CUDA_CALLED();
  const auto first = reinterpret_cast<std::uintptr_t>(memory), last = first + bytes;
  for (const auto& [begin, end] : runtime().locked)
    if (first < end && begin < last) return cudaErrorHostMemoryAlreadyRegistered;
  return runtime().locked[first] = last, cudaSuccess;
}
cudaError_t cudaHostUnregister(void* memory) {
  const bool known = runtime().locked.erase(reinterpret_cast<std::uintptr_t>(memory)) == 1;
  return known ? cudaSuccess : cudaErrorHostMemoryNotRegistered;
}

cudaError_t cudaStreamCreateWithFlags(cudaStream_t* stream, unsigned) {
  FAKE_CUDA_CALLED();
  runtime().streams.push_back(*stream = new CUstream_st);
  return cudaSuccess;
}
cudaError_t cudaStreamSynchronize(cudaStream_t stream) {
  FAKE_CUDA_CALLED();
  if (stream != nullptr) runtime().finish(*stream);
  return cudaSuccess;
}
cudaError_t cudaStreamDestroy(cudaStream_t stream) {
  std::erase(runtime().streams, stream);
  delete stream;
  return cudaSuccess;
}
cudaError_t cudaStreamWaitEvent(cudaStream_t stream, cudaEvent_t event, unsigned) {
  FAKE_CUDA_CALLED();
  stream->queue.push_back({{}, event, event->records});
  return cudaSuccess;
}
cudaError_t cudaEventCreate(cudaEvent_t* event) {
  FAKE_CUDA_CALLED();
  return *event = &runtime().events.emplace_back(), cudaSuccess;
}
cudaError_t cudaEventRecord(cudaEvent_t event, cudaStream_t stream) {
  FAKE_CUDA_CALLED();
  overtake::fake_cuda::enqueue(stream, [event, record = ++event->records] { event->done = record; });
  return cudaSuccess;
}
cudaError_t cudaEventElapsedTime(float* milliseconds, cudaEvent_t, cudaEvent_t) {
  return *milliseconds = 1, cudaSuccess;
}
cudaError_t cudaEventDestroy(cudaEvent_t) { return cudaSuccess; }

cudaError_t cudaMemcpyAsync(void* to, const void* from, std::size_t bytes, cudaMemcpyKind, cudaStream_t stream) {
  FAKE_CUDA_CALLED();
  overtake::fake_cuda::note_copy(to, from);
  overtake::fake_cuda::enqueue(stream, [=] { std::memcpy(to, from, bytes); });
  return cudaSuccess;
}
cudaError_t cudaMemcpy2DAsync(void* to, std::size_t to_pitch, const void* from, std::size_t from_pitch,
                              std::size_t width, std::size_t height, cudaMemcpyKind, cudaStream_t stream) {
  FAKE_CUDA_CALLED();
  if (width > to_pitch || width > from_pitch) return cudaErrorInvalidPitchValue;
  overtake::fake_cuda::note_copy(to, from);
  overtake::fake_cuda::enqueue(stream, [=] {
    for (std::size_t i = 0; i < height; ++i)
      std::memcpy(static_cast<char*>(to) + i * to_pitch, static_cast<const char*>(from) + i * from_pitch, width);
  });
  return cudaSuccess;
}
cudaError_t cudaMemsetAsync(void* memory, int value, std::size_t bytes, cudaStream_t stream) {
  FAKE_CUDA_CALLED();
  overtake::fake_cuda::enqueue(stream, [=] { std::memset(memory, value, bytes); });
  return cudaSuccess;
}

}  // extern "C"
