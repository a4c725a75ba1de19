# Functions that declare NPIR's libraries, tools and tests, one spelling for all of them. What they declare is installed,
# in one of two components: `runtime` (no LLVM), and `compiler` on top of it.
include(GNUInstallDirs)

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

# The libraries that are not NPIR's own, in the installed package.
set(NPIR_INSTALL_THIRD_PARTY "${CMAKE_INSTALL_LIBDIR}/npir")
get_filename_component(NPIR_ROOT "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)

# npir_install(NAME COMPONENT [RPATH path...]): what find_package(NPIR) finds as NPIR::NAME. RPATH leads from the
# installed file to the shared libraries that it loads.
function(npir_install name component)
  if(NOT NPIR_INSTALL)
    return()
  endif()
  cmake_parse_arguments(ARG "" "" "RPATH" ${ARGN})
  if(ARG_RPATH)
    set_target_properties(${name} PROPERTIES INSTALL_RPATH "${ARG_RPATH}")
  endif()
  install(TARGETS ${name} EXPORT NPIR-${component}
    RUNTIME DESTINATION "${CMAKE_INSTALL_BINDIR}" COMPONENT ${component}
    LIBRARY DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${component}
    ARCHIVE DESTINATION "${CMAKE_INSTALL_LIBDIR}" COMPONENT ${component}
    INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
endfunction()

# npir_use_headers(NAME): NPIR's headers for those who link NAME within this build.
function(npir_use_headers name)
  target_include_directories(${name} PUBLIC
    "$<BUILD_INTERFACE:${NPIR_ROOT}/include>" "$<BUILD_INTERFACE:${PROJECT_BINARY_DIR}/include>")
  target_compile_features(${name} PUBLIC cxx_std_17)
endfunction()

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
  npir_use_headers(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK} NPIRLLVM)
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  npir_install(${name} compiler)
endfunction()

# npir_add_plain_library(NAME source... [DEPENDS target...] [LINK target...])
# A static library without LLVM: kernels and the runtime.
function(npir_add_plain_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  target_compile_options(${name} PRIVATE -fno-exceptions -Wall -Wextra)
  npir_use_headers(${name})
  target_link_libraries(${name} PUBLIC ${ARG_LINK})
  if(ARG_DEPENDS)
    add_dependencies(${name} ${ARG_DEPENDS})
  endif()
  npir_install(${name} runtime)
endfunction()

# npir_add_tool(NAME source... LINK target...): a tool over libMLIR, built into build/bin.
function(npir_add_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  target_link_libraries(${name} PRIVATE ${ARG_LINK} NPIRLLVM)
  npir_install(${name} compiler RPATH "$ORIGIN/../${NPIR_INSTALL_THIRD_PARTY}" "${LLVM_LIBRARY_DIR}")
endfunction()

# npir_add_plugin(NAME source... EXPORTS version-script LINK target...): a module that MLIR's drivers load, built into
# build/lib. What the script does not name stays hidden.
function(npir_add_plugin name)
  cmake_parse_arguments(ARG "" "EXPORTS" "LINK" ${ARGN})
  add_library(${name} MODULE ${ARG_UNPARSED_ARGUMENTS})
  llvm_update_compile_flags(${name})
  set(exports "${CMAKE_CURRENT_SOURCE_DIR}/${ARG_EXPORTS}")
  set_target_properties(${name} PROPERTIES PREFIX "" LIBRARY_OUTPUT_DIRECTORY "${LLVM_LIBRARY_OUTPUT_INTDIR}"
    LINK_DEPENDS "${exports}")
  target_link_options(${name} PRIVATE "LINKER:--version-script,${exports}")
  target_link_libraries(${name} PRIVATE ${ARG_LINK} NPIRLLVM)
  npir_install(${name} compiler RPATH "$ORIGIN/npir" "${LLVM_LIBRARY_DIR}")
endfunction()

# npir_add_plain_tool(NAME source... LINK target...): a tool without LLVM.
function(npir_add_plain_tool name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_compile_options(${name} PRIVATE -fno-exceptions -Wall -Wextra)
  target_link_libraries(${name} PRIVATE ${ARG_LINK})
  npir_install(${name} runtime RPATH "$ORIGIN/../${NPIR_INSTALL_THIRD_PARTY}")
endfunction()

# npir_add_unittest(NAME source... LINK target...): a GoogleTest program, known to ctest as unit.NAME.
function(npir_add_unittest name)
  cmake_parse_arguments(ARG "" "" "LINK" ${ARGN})
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_include_directories(${name} SYSTEM PRIVATE ${LLVM_INCLUDE_DIRS} ${MLIR_INCLUDE_DIRS})
  target_compile_options(${name} PRIVATE -fexceptions -frtti)
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY "${PROJECT_BINARY_DIR}/test/unittests")
  target_link_libraries(${name} PRIVATE ${ARG_LINK} GTest::gtest GTest::gtest_main)
  add_test(NAME unit.${name} COMMAND ${name})
  set_tests_properties(unit.${name} PROPERTIES LABELS unit)
endfunction()
