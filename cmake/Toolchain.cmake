# SPDX-License-Identifier: Apache-2.0
# Language level, warnings and sanitizers: one place for every target.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)
set(CMAKE_RUNTIME_OUTPUT_DIRECTORY ${PROJECT_BINARY_DIR}/bin)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release)
endif()

# Kernels need -O3 in every configuration: at -O2 g++ 12 spills the accumulators of a register tile to memory.
set(CMAKE_CXX_FLAGS_RELEASE "-O3 -DNDEBUG")
if(NOT OVERTAKE_SANITIZE)  # sanitizers compile twice as fast at the -O1 of their presets, and nothing is timed there
  set(CMAKE_CXX_FLAGS_RELWITHDEBINFO "-O3 -g")
endif()

# Libraries in lib/ beside bin/ come first, those that libraries need too, which the newer RUNPATH would not find: so
# ./scripts/bundle carries them to other machines. A build has no such folder.
set(CMAKE_BUILD_RPATH "$ORIGIN/../lib")
add_link_options(-Wl,--disable-new-dtags)

find_program(OVERTAKE_CCACHE ccache)
if(OVERTAKE_CCACHE)
  # Without this ccache leaves sources with precompiled headers alone.
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros ${OVERTAKE_CCACHE})
  set(CMAKE_CUDA_COMPILER_LAUNCHER ${OVERTAKE_CCACHE})
endif()

set(OVERTAKE_SANITIZE "" CACHE STRING "Sanitizers for every target, as -fsanitize= takes them (address,undefined or thread)")

# Everything a target of ours compiles and links with.
add_library(overtake_options INTERFACE)
target_include_directories(overtake_options INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_BINARY_DIR}/generated)
set(cxx_only $<COMPILE_LANGUAGE:CXX>)
set(timed $<NOT:$<BOOL:$<TARGET_PROPERTY:OVERTAKE_UNTIMED>>>)
target_compile_options(overtake_options INTERFACE
  $<${cxx_only}:-Wall -Wextra -Wno-missing-field-initializers -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wformat=2>
  # -O1 compiles in 60 % of -O3's time; null pointers that g++ then sees in std::string are none.
  $<$<AND:${cxx_only},${timed}>:-Wnull-dereference>
  $<$<AND:${cxx_only},$<NOT:${timed}>,$<CONFIG:Release>>:-O1>
  # g++ 12 sees overlapping copies in any "text" + std::string (GCC bug 105651).
  $<$<AND:${cxx_only},$<CXX_COMPILER_ID:GNU>>:-Wno-restrict>
  $<$<AND:${cxx_only},$<BOOL:${OVERTAKE_WERROR}>>:-Werror>)
# nvcc's own files do not pass -Wpedantic, -Wshadow and -Wconversion.
set(cuda_only $<COMPILE_LANGUAGE:CUDA>)
target_compile_options(overtake_options INTERFACE
  $<${cuda_only}:-Xcompiler=-Wall,-Wextra,-Wno-missing-field-initializers>
  $<$<AND:${cuda_only},$<BOOL:${OVERTAKE_WERROR}>>:-Werror=all-warnings>
  $<$<AND:${cuda_only},$<BOOL:${OVERTAKE_WERROR}>>:-Xcompiler=-Werror>)
if(OVERTAKE_SANITIZE)
  target_compile_options(overtake_options INTERFACE
    $<${cxx_only}:-fsanitize=${OVERTAKE_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer>
    # Functions of libraries that are opened at run time are declared with types of ours.
    $<$<AND:${cxx_only},$<CXX_COMPILER_ID:Clang>>:-fno-sanitize=function>)
  target_link_options(overtake_options INTERFACE -fsanitize=${OVERTAKE_SANITIZE})
  # Our probes and kernels are slowed by it, the libraries that they are held against are not.
  target_compile_definitions(overtake_options INTERFACE OVERTAKE_SANITIZED)
endif()
