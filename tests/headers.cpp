// SPDX-License-Identifier: Apache-2.0
// Nothing: CMake wants a source where headers are compiled for other programs.
int main() { return 0; }
