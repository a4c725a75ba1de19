# Functions that declare NPIR's libraries, tools and tests, one spelling for all of them.

# ccache and a fast linker, where present.
find_program(NPIR_CCACHE ccache)
if(NPIR_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_C_COMPILER_LAUNCHER "${NPIR_CCACHE}")
  set(CMAKE_CXX_COMPILER_LAUNCHER "${NPIR_CCACHE}")
endif()
find_program(NPIR_MOLD mold)
if(NPIR_MOLD)
  add_link_options(-fuse-ld=mold)
endif()

separate_arguments(NPIR_LLVM_DEFINITIONS NATIVE_COMMAND "${LLVM_DEFINITIONS}")

# npir_add_library(NAME source... [EXCEPTIONS] [DEPENDS target...] [LINK target...])
# A static library over libMLIR with LLVM's flags: no exceptions and no RTTI, unless EXCEPTIONS asks for both. It
# links the one shared library `MLIR`, never a static component beside it, whose symbols would exist twice.
function(npir_add_library name)
  cmake_parse_arguments(ARG "EXCEPTIONS" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  if(ARG_EXCEPTIONS)
    set(LLVM_REQUIRES_EH ON)
    set(LLVM_REQUIRES_RTTI ON)
  endif()
  llvm_update_compile_flags(${name})
  target_include_directories(${name} SYSTEM PUBLIC ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_compile_definitions(${name} PUBLIC ${NPIR_LLVM_DEFINITIONS})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} MLIR LLVM)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# npir_add_plain_library(NAME source... [DEPENDS target...] [LINK target...])
# A static library without LLVM: kernels and the runtime.
function(npir_add_plain_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_compile_options(${name} PRIVATE -fno-exceptions -Wall -Wextra)
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
endfunction()

# npir_add_tool(NAME source... LINK target...): a tool over libMLIR, built into build/bin.
function(npir_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  target_include_directories(${name} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} MLIR LLVM)
endfunction()

# npir_add_unittest(NAME source... LINK target...): a GoogleTest program, known to ctest as unit.NAME.
function(npir_add_unittest name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_compile_options(${name} PRIVATE -fexceptions -frtti)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${CMAKE_BINARY_DIR}/test/unittests")
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main)
  add_test(NAME unit.${name} COMMAND ${name})
  set_tests_properties(unit.${name} PROPERTIES LABELS unit)
endfunction()
