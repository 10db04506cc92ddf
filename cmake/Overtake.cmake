# SPDX-License-Identifier: Apache-2.0
# How a variant, a program and the table of variants are declared, and what makes compiling quick.

# overtake_precompile(<target> <header...>)
# Compiles these and the standard library's most used headers once for the target's sources: g++ reads headers for longer
# than it works on most sources.
function(overtake_precompile target)
  target_precompile_headers(${target} PRIVATE <algorithm> <filesystem> <functional> <map> <optional> <string> <vector> ${ARGN})
  overtake_precompiled_options(${target})
endfunction()

# overtake_use_precompiled(<target> <other>): the headers that were compiled for another target.
function(overtake_use_precompiled target other)
  target_precompile_headers(${target} REUSE_FROM ${other})
  overtake_precompiled_options(${target})
endfunction()

function(overtake_precompiled_options target)
  # -fpch-preprocess is what ccache asks for. g++ 12 does not know the library's headers for the system's when they come
  # precompiled, and warns of what its optimiser makes of them.
  target_compile_options(${target} PRIVATE
    $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-fpch-preprocess -Wno-array-bounds -Wno-stringop-overflow -Wno-stringop-overread>)
endfunction()

# overtake_join_sources(<target>)
# Compiles the target's sources eight at a time (a unity build): what they all instantiate is compiled once. For rooms whose
# sources read JSON or use GoogleTest: half of their time. Kernels stay by themselves, because joined they change each other's code.
option(OVERTAKE_JOIN_SOURCES "Compile sources of the slow rooms eight at a time; OFF rebuilds less after a change" ON)
function(overtake_join_sources target)
  set_target_properties(${target} PROPERTIES UNITY_BUILD ${OVERTAKE_JOIN_SOURCES} UNITY_BUILD_BATCH_SIZE 8)
  # What a joined source keeps for itself looks to g++ like a header's.
  target_compile_options(${target} PRIVATE $<$<COMPILE_LANG_AND_ID:CXX,GNU>:-Wno-subobject-linkage>)
endfunction()

# overtake_untimed(<target>): what its sources do takes no time beside what they call (do preprocess and compare were no slower);
# cmake/Toolchain.cmake says what that gives.
function(overtake_untimed target)
  set_target_properties(${target} PROPERTIES OVERTAKE_UNTIMED ON)
endfunction()

# overtake_variant(<workload> <file> [REQUIRES CUDA] [ARCHITECTURE a] [LIBRARIES target...])
# The variant's name is the file's stem. A variant whose requirement is missing is not compiled, but stands with its
# reason in the table that the registry reads, so that it shows as a skipped row. A workload's .cu files are compiled
# as one, where sources are joined: nvcc reads its headers for longer than it works on a kernel (the ladder of matrix
# products: 17 s of CPU time instead of 65). ARCHITECTURE: of a file whose instructions exist for this one alone.
function(overtake_variant workload file)
  cmake_parse_arguments(arg "" "REQUIRES;ARCHITECTURE" "LIBRARIES" ${ARGN})
  cmake_path(GET file STEM name)
  set(missing "")
  if(arg_REQUIRES AND NOT OVERTAKE_HAVE_${arg_REQUIRES})
    set(missing "${OVERTAKE_${arg_REQUIRES}_MISSING}")
  endif()
  cmake_path(RELATIVE_PATH CMAKE_CURRENT_SOURCE_DIR BASE_DIRECTORY ${PROJECT_SOURCE_DIR} OUTPUT_VARIABLE folder)
  set_property(GLOBAL APPEND PROPERTY OVERTAKE_TABLE "{\"${workload}\", \"${name}\", \"${folder}/${file}\", \"${missing}\"}")
  if(missing)
    return()
  endif()
  # Object libraries, because a static library would drop objects that nothing refers to, and with them the registration.
  set(target variant_${workload}_${name})
  if(file MATCHES "\\.cu$" AND OVERTAKE_JOIN_SOURCES AND NOT arg_ARCHITECTURE)
    set(target variant_${workload}_cuda)
    set_property(GLOBAL APPEND_STRING PROPERTY OVERTAKE_JOINED_${target} "#include \"${folder}/${file}\"\n")
    get_property(joined GLOBAL PROPERTY OVERTAKE_JOINED_${target})
    set(file ${PROJECT_BINARY_DIR}/generated/${target}.cu)
    file(CONFIGURE OUTPUT ${file} CONTENT "${joined}")
  endif()
  if(NOT TARGET ${target})
    add_library(${target} OBJECT ${file})
    set_property(GLOBAL APPEND PROPERTY OVERTAKE_OBJECTS_${workload} ${target})
  endif()
  if(arg_ARCHITECTURE)
    set_target_properties(${target} PROPERTIES CUDA_ARCHITECTURES ${arg_ARCHITECTURE})
  endif()
  target_link_libraries(${target} PRIVATE overtake_core ${arg_LIBRARIES})
  # Precompiled headers serve only the same flags.
  if(file MATCHES "\\.cpp$" AND NOT "OpenMP::OpenMP_CXX" IN_LIST arg_LIBRARIES)
    overtake_use_precompiled(${target} overtake_core)
  endif()
endfunction()

# overtake_program(<target> WORKLOADS <workload...> SOURCES <file...> [LIBRARIES target...])
# A program with the variants of these workloads inside.
function(overtake_program target)
  cmake_parse_arguments(arg "" "" "WORKLOADS;SOURCES;LIBRARIES" ${ARGN})
  add_executable(${target} ${arg_SOURCES} $<TARGET_OBJECTS:overtake_variant_table>)
  target_link_libraries(${target} PRIVATE overtake_core ${arg_LIBRARIES})
  foreach(workload IN LISTS arg_WORKLOADS)
    get_property(variants GLOBAL PROPERTY OVERTAKE_OBJECTS_${workload})
    foreach(variant IN LISTS variants)
      target_sources(${target} PRIVATE $<TARGET_OBJECTS:${variant}>)
      # Linking an object library also brings what it links to.
      target_link_libraries(${target} PRIVATE ${variant})
    endforeach()
  endforeach()
endfunction()

# Writes every declared variant into generated/variant_table.cpp, compiled into each program.
function(overtake_write_variant_table)
  get_property(rows GLOBAL PROPERTY OVERTAKE_TABLE)
  list(JOIN rows ",\n    " rows)
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/variant_table.cpp CONTENT [[
// Written by cmake/Overtake.cmake from the overtake_variant() lines.
#include "core/registry/declared.h"

#include <vector>

namespace overtake {
std::span<const DeclaredVariant> declared_variants() {
  static const std::vector<DeclaredVariant> rows = {
    @rows@};
  return rows;
}
}  // namespace overtake
]] @ONLY)
  add_library(overtake_variant_table OBJECT ${PROJECT_BINARY_DIR}/generated/variant_table.cpp)
  target_link_libraries(overtake_variant_table PRIVATE overtake_options)
endfunction()
