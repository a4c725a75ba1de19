# Installs what is not a target: headers, XNNPACK, and the files that find_package(NPIR) reads. Nothing installed knows
# the folder of the sources or of the build.
include(CMakePackageConfigHelpers)
set(package_dir "${CMAKE_INSTALL_LIBDIR}/cmake/NPIR")
set(headers FILES_MATCHING PATTERN "*.h" PATTERN "*.def" PATTERN "*.td" PATTERN "*.h.inc" PATTERN CMakeFiles EXCLUDE)

foreach(dir Kernels Runtime Serialization/Program)
  install(DIRECTORY "${NPIR_ROOT}/include/npir/${dir}/" DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}/npir/${dir}"
    COMPONENT runtime ${headers})
endforeach()
foreach(name XNNPACK.a microkernels-prod.a pthreadpool.so cpuinfo.so)
  file(GLOB files "${NPIR_XNNPACK_DIR}/lib/lib${name}*")
  install(FILES ${files} DESTINATION "${NPIR_INSTALL_THIRD_PARTY}" COMPONENT runtime)
endforeach()
install(FILES "${NPIR_XNNPACK_DIR}/lib/LICENSE.xnnpack" DESTINATION "${NPIR_INSTALL_THIRD_PARTY}" COMPONENT runtime
  OPTIONAL)

configure_package_config_file("${NPIR_ROOT}/tools/cmake/NPIRConfig.cmake.in"
  "${PROJECT_BINARY_DIR}/cmake/NPIRConfig.cmake" INSTALL_DESTINATION "${package_dir}"
  PATH_VARS CMAKE_INSTALL_INCLUDEDIR NPIR_INSTALL_THIRD_PARTY NO_SET_AND_CHECK_MACRO)
write_basic_package_version_file("${PROJECT_BINARY_DIR}/cmake/NPIRConfigVersion.cmake"
  VERSION "${PROJECT_VERSION}" COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/cmake/NPIRConfig.cmake" "${PROJECT_BINARY_DIR}/cmake/NPIRConfigVersion.cmake"
  "${NPIR_ROOT}/tools/cmake/ImportXNNPACK.cmake" DESTINATION "${package_dir}" COMPONENT runtime)
install(EXPORT NPIR-runtime NAMESPACE NPIR:: DESTINATION "${package_dir}" COMPONENT runtime)

# The runtime that is built alone has no more than that.
if(TARGET NPIRLLVM)
  include(ExportBuild)
  install(DIRECTORY "${NPIR_ROOT}/include/npir" "${PROJECT_BINARY_DIR}/include/npir"
    DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT compiler ${headers})
  install(EXPORT NPIR-compiler NAMESPACE NPIR:: DESTINATION "${package_dir}" COMPONENT compiler)
endif()
