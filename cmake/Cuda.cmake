# SPDX-License-Identifier: Apache-2.0
# Sets OVERTAKE_HAVE_CUDA and OVERTAKE_CUDA_MISSING (the reason, shown in every skipped row).
set(OVERTAKE_HAVE_CUDA FALSE)
# Thrust's headers serve a test without a GPU, and need no nvcc.
# A toolkit of the machine, or what ./scripts/setup --cuda fetched.
set(fetched_cuda ${PROJECT_SOURCE_DIR}/build/cuda-13.0)
find_path(OVERTAKE_CCCL_INCLUDE thrust/version.h HINTS ENV CUDA_HOME /usr/local/cuda PATHS ${fetched_cuda}
  PATH_SUFFIXES include/cccl include targets/x86_64-linux/include/cccl)
if(OVERTAKE_CUDA STREQUAL "OFF")
  set(OVERTAKE_CUDA_MISSING "built with OVERTAKE_CUDA=OFF")
  return()
endif()
find_program(OVERTAKE_NVCC nvcc HINTS ENV CUDA_HOME /usr/local/cuda PATHS ${fetched_cuda} PATH_SUFFIXES bin)
if(NOT OVERTAKE_NVCC)
  set(OVERTAKE_CUDA_MISSING "nvcc was not found when this was built: install the CUDA Toolkit 12.4 or later, or run ./scripts/setup --cuda, and configure again")
  if(OVERTAKE_CUDA STREQUAL "ON")
    message(FATAL_ERROR "OVERTAKE_CUDA=ON, but ${OVERTAKE_CUDA_MISSING}")
  endif()
  message(STATUS "CUDA: off (${OVERTAKE_CUDA_MISSING})")
  return()
endif()

# `native` fails where no GPU is present, and the default must be set before the language is enabled.
if(NOT CMAKE_CUDA_ARCHITECTURES)
  if(EXISTS /dev/nvidia0)
    set(CMAKE_CUDA_ARCHITECTURES native)
  else()
    set(CMAKE_CUDA_ARCHITECTURES 90)
  endif()
endif()
set(CMAKE_CUDA_COMPILER ${OVERTAKE_NVCC})
enable_language(CUDA)
# CMake 3.25.1 does not know nvcc's C++20 flag.
if(NOT CMAKE_CUDA20_STANDARD_COMPILE_OPTION)
  set(CMAKE_CUDA20_STANDARD_COMPILE_OPTION "-std=c++20")
  set(CMAKE_CUDA20_EXTENSION_COMPILE_OPTION "-std=c++20")
endif()
set(CMAKE_CUDA_STANDARD 20)
set(CMAKE_CUDA_FLAGS_RELEASE "-O3 -DNDEBUG")
find_package(CUDAToolkit REQUIRED)
set(OVERTAKE_HAVE_CUDA TRUE)
message(STATUS "CUDA: ${CMAKE_CUDA_COMPILER_VERSION}, architectures ${CMAKE_CUDA_ARCHITECTURES}")
