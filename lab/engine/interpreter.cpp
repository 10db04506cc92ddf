// SPDX-License-Identifier: Apache-2.0
#include "lab/engine/interpreter.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "lab/engine/crew.h"

namespace overtake::lab {
namespace {

enum class Op : std::uint8_t { add, multiply, shift, jump };

struct Instruction {
  Op op;
  std::uint64_t operand;
};

// Constants of Knuth's MMIX generator; the jump makes it a loop.
constexpr std::array<Instruction, 4> kProgram = {
    {{Op::multiply, 6364136223846793005ULL}, {Op::add, 1442695040888963407ULL}, {Op::shift, 29}, {Op::jump, 0}}};

struct State {
  std::uint64_t value = 1;
  std::size_t next = 0;
};

void interpret(State& state, std::int64_t instructions) {
  for (std::int64_t i = 0; i < instructions; ++i) {
    const Instruction& instruction = kProgram[state.next++];
    switch (instruction.op) {
      case Op::add:
        state.value += instruction.operand;
        break;
      case Op::multiply:
        state.value *= instruction.operand;
        break;
      case Op::shift:
        state.value ^= state.value >> instruction.operand;
        break;
      case Op::jump:
        state.next = instruction.operand;
        break;
    }
    // The compiler would unroll the program that it sees and leave no interpreter.
    keep(state.next);
  }
}

}  // namespace

std::unique_lock<std::mutex> Interpreter::enter() {
  return lock_ == Lock::global ? std::unique_lock(global_) : std::unique_lock<std::mutex>();
}

std::uint64_t Interpreter::compute(std::int64_t instructions) {
  State state;
  while (instructions > 0) {
    const auto held = enter();
    const std::int64_t turn = std::min(instructions, kSwitchInterval);
    interpret(state, turn);
    instructions -= turn;
  }
  return state.value;
}

void Interpreter::wait(double seconds) {
  compute(kSwitchInterval);
  std::this_thread::sleep_for(std::chrono::duration<double>(seconds));
  compute(kSwitchInterval);
}

}  // namespace overtake::lab
