# What is different where pip builds: the libraries are those of the main build, brought up to date first, so that nothing
# is compiled twice; and a second build compiles nothing.
set(NPIR_BUILD_DIR "${PROJECT_SOURCE_DIR}/build" CACHE PATH "the main build")

# npir_wheel_step(ADVICE command...): runs a command; where it fails the advice says what to do.
function(npir_wheel_step advice)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "failed: ${ARGN}; ${advice}")
  endif()
endfunction()

if(NOT EXISTS "${NPIR_BUILD_DIR}/CMakeCache.txt")
  message(STATUS "no main build in ${NPIR_BUILD_DIR}: making one; XNNPACK and the libraries take some minutes")
  npir_wheel_step("docs/Dependencies.md tells the packages that it needs"
    "${PROJECT_SOURCE_DIR}/tools/scripts/setup_xnnpack.sh" "${NPIR_BUILD_DIR}/deps/xnnpack")
  npir_wheel_step("install the packages that it misses; tools/scripts/demo.sh does all of that"
    "${CMAKE_COMMAND}" -G Ninja -S "${PROJECT_SOURCE_DIR}" -B "${NPIR_BUILD_DIR}" -DCMAKE_BUILD_TYPE=Release
    -DNPIR_INCLUDE_TESTS=OFF -DPython3_EXECUTABLE=/usr/bin/python3 -DCMAKE_C_COMPILER=${CMAKE_C_COMPILER} -DCMAKE_CXX_COMPILER=${CMAKE_CXX_COMPILER})
endif()
npir_wheel_step("see above" "${CMAKE_COMMAND}" --build "${NPIR_BUILD_DIR}" --target npir-libraries)

include("${NPIR_BUILD_DIR}/cmake/build/NPIR-format.cmake")
find_package(NPIR REQUIRED CONFIG PATHS "${NPIR_BUILD_DIR}/cmake/build" NO_DEFAULT_PATH)
# As the main build calls them.
foreach(name NPIRInitAll NPIRLLVM)
  add_library(${name} ALIAS NPIR::${name})
endforeach()
list(APPEND CMAKE_MODULE_PATH "${PROJECT_SOURCE_DIR}/tools/cmake" "${MLIR_CMAKE_DIR}" "${LLVM_CMAKE_DIR}")
set(CMAKE_CXX_STANDARD 17)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)
set(NPIR_INSTALL OFF)
include(AddLLVM)
include(HandleLLVMOptions)
include(AddNPIR)

# npir_keep_pybind11(): pip installs pybind11 anew under another name for every build. Its headers are used from a copy
# whose files change only when their text does.
function(npir_keep_pybind11)
  get_filename_component(from "${pybind11_INCLUDE_DIR}" ABSOLUTE)
  set(to "${CMAKE_BINARY_DIR}/pybind11")
  file(GLOB_RECURSE headers RELATIVE "${from}" "${from}/pybind11/*.h")
  foreach(header ${headers})
    configure_file("${from}/${header}" "${to}/${header}" COPYONLY)
  endforeach()
  foreach(target pybind11::headers pybind11::pybind11_headers)
    get_target_property(folders ${target} INTERFACE_INCLUDE_DIRECTORIES)
    if(folders)
      string(REPLACE "${from}" "${to}" folders "${folders}")
      set_target_properties(${target} PROPERTIES INTERFACE_INCLUDE_DIRECTORIES "${folders}")
    endif()
  endforeach()
endfunction()

# npir_install_wheel(MODULE): the module with the shared libraries that no package of Debian's has.
function(npir_install_wheel module)
  install(TARGETS ${module} LIBRARY DESTINATION npir)
  foreach(name pthreadpool cpuinfo)
    get_target_property(file NPIR::${name} IMPORTED_LOCATION)
    get_filename_component(file "${file}" REALPATH)
    install(FILES "${file}" DESTINATION npir)
    get_filename_component(folder "${file}" DIRECTORY)
  endforeach()
  install(FILES "${folder}/LICENSE.xnnpack" DESTINATION npir)
endfunction()
