# SPDX-License-Identifier: Apache-2.0
# The target headers_stand_alone (built by scripts/lint) compiles every header with nothing before it, so that no header
# depends on what its users happened to include. The headers are found, not listed: one that is forgotten is not checked.
set(patterns "")
foreach(room IN ITEMS core cpu gpu io bench compare lab cli tests)
  list(APPEND patterns ${PROJECT_SOURCE_DIR}/${room}/*.h ${PROJECT_SOURCE_DIR}/${room}/*.cuh)
endforeach()
file(GLOB_RECURSE headers RELATIVE ${PROJECT_SOURCE_DIR} CONFIGURE_DEPENDS ${patterns})
# Highway's convention: *-inl.h is included once for each SIMD target, from inside Highway's own loop.
list(FILTER headers EXCLUDE REGEX "-inl\\.h$")

set(cxx_sources "")
set(cuda_sources "")
foreach(header IN LISTS headers)
  if(header MATCHES "\\.cuh$")
    set(source ${PROJECT_BINARY_DIR}/generated/alone/${header}.cu)
    list(APPEND cuda_sources ${source})
  else()
    set(source ${PROJECT_BINARY_DIR}/generated/alone/${header}.cpp)
    list(APPEND cxx_sources ${source})
  endif()
  # Twice: the second shows a missing #pragma once.
  file(CONFIGURE OUTPUT ${source} CONTENT "#include \"${header}\"\n#include \"${header}\"  // NOLINT\n")
endforeach()

# overtake_headers_alone(<target> <libraries> source...): what they declare is compiled and nothing is kept, so -O0.
function(overtake_headers_alone target libraries)
  if(NOT ARGN)
    return()
  endif()
  add_library(${target} OBJECT EXCLUDE_FROM_ALL ${ARGN})
  target_link_libraries(${target} PRIVATE ${libraries})
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANGUAGE:CXX>:-O0>)
  add_dependencies(headers_stand_alone ${target})
endfunction()

add_custom_target(headers_stand_alone)
set(libraries overtake_core CLI11::CLI11 CURL::libcurl FastFloat::fast_float GTest::gmock GTest::gtest OpenMP::OpenMP_CXX
  OpenSSL::Crypto PkgConfig::highway Threads::Threads benchmark::benchmark nlohmann_json::nlohmann_json
  rapidcheck)
if(OVERTAKE_HAVE_CUDA)
  list(APPEND libraries CUDA::cudart)
  overtake_headers_alone(headers_stand_alone_cuda "${libraries}" ${cuda_sources})
else()
  # Those of gpu/ include CUDA's own.
  list(FILTER cxx_sources EXCLUDE REGEX "/alone/gpu/")
endif()
overtake_headers_alone(headers_stand_alone_cxx "${libraries}" ${cxx_sources})
