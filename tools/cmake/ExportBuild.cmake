# The same package over the build tree, for what is built beside it from the same sources: the wheel (python/Wheel.cmake).
# `npir-libraries` brings up to date what it links. Without a check that files exist, for tools may not be built.
add_custom_target(npir-libraries)
add_dependencies(npir-libraries NPIRInitAll)

function(npir_export_build folder)
  set(NPIR_INSTALL_THIRD_PARTY "${NPIR_XNNPACK_DIR}/lib")
  set(CMAKE_INSTALL_INCLUDEDIR "${NPIR_ROOT}/include")
  configure_package_config_file("${NPIR_ROOT}/tools/cmake/NPIRConfig.cmake.in" "${folder}/NPIRConfig.cmake"
    INSTALL_DESTINATION "${folder}" PATH_VARS CMAKE_INSTALL_INCLUDEDIR NPIR_INSTALL_THIRD_PARTY NO_SET_AND_CHECK_MACRO)
  configure_file("${PROJECT_BINARY_DIR}/cmake/NPIRConfigVersion.cmake" "${folder}/NPIRConfigVersion.cmake" COPYONLY)
  configure_file("${NPIR_ROOT}/tools/cmake/ImportXNNPACK.cmake" "${folder}/ImportXNNPACK.cmake" COPYONLY)
  # No part of the installed package, but static libraries name it.
  export(TARGETS NPIRProgramFormat NAMESPACE NPIR:: FILE "${folder}/NPIR-format.cmake")
  foreach(component runtime compiler)
    export(EXPORT NPIR-${component} NAMESPACE NPIR:: FILE "${folder}/NPIR-${component}.cmake")
  endforeach()
endfunction()
npir_export_build("${PROJECT_BINARY_DIR}/cmake/build")
