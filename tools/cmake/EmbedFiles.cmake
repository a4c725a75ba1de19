# Writes files into a C++ list, `{"name", "text"},` each. Run by cmake -P with FILES (a list) and OUTPUT.
set(text "")
foreach(file ${FILES})
  get_filename_component(name "${file}" NAME)
  file(READ "${file}" content)
  # Pieces, since compilers bound the length of one literal.
  string(REGEX REPLACE "([^\n]*\n)" "R\"npir(\\1)npir\"\n" content "${content}")
  string(APPEND text "{\"${name}\",\n${content}},\n")
endforeach()
file(WRITE "${OUTPUT}.new" "${text}")
file(COPY_FILE "${OUTPUT}.new" "${OUTPUT}" ONLY_IF_DIFFERENT)
file(REMOVE "${OUTPUT}.new")
