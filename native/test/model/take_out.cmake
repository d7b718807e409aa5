# Makes checks of the core removable at run time, in the explorer's copy of it: one build, and `explore --without=NAME`.
#
# `check(NAME FILE BEHIND TEXT WITHOUT SEEN_BY WHY)`. TEXT stands behind BEHIND in the same function; without the check WITHOUT
# stands there (a statement if TEXT ends with one). SEEN_BY: part of the title of the play that breaks then, of which
# CMakeLists.txt makes a test; empty, no play does, and WHY says what stands in for the check. Else WHY says what breaks.
# `together(NAMES SEEN_BY WHY)`: checks that stand in for one another, joined by +; a play breaks without all of them.
# `also(NAME FILE BEHIND TEXT WITHOUT)`: another place of that check.

function(read_core folder)
  foreach(file ${ARGN})
    file(READ ${folder}/${file} text)
    set(text_of_${file} "${text}" PARENT_SCOPE)
  endforeach()
endfunction()

function(write_core folder)
  foreach(file ${ARGN})
    file(CONFIGURE OUTPUT ${folder}/${file} CONTENT "${text_of_${file}}" @ONLY)
  endforeach()
endfunction()

macro(check name file behind text without seen_by why)
  list(LENGTH check_names check_count)
  list(APPEND check_names ${name})
  string(APPEND check_rows "    {\"${name}\", \"${seen_by}\", \"${why}\"},\n")
  if(NOT "${seen_by}" STREQUAL "")
    together(${name} "${seen_by}" "${why}")
  endif()
  take_out(${name} ${check_count} "${file}" "${behind}" "${text}" "${without}")
endmacro()

macro(together names seen_by why)
  add_test(NAME canary-without-${names} COMMAND explore --without=${names} ${seen_by})
endmacro()

macro(also name file behind text without)
  list(FIND check_names ${name} check_at)
  take_out(${name} ${check_at} "${file}" "${behind}" "${text}" "${without}")
endmacro()

function(take_out name number file behind text without)
  set(whole "${text_of_${file}}")
  string(FIND "${whole}" "${behind}" begin)
  set(scope "")
  if(begin GREATER_EQUAL 0)
    string(SUBSTRING "${whole}" ${begin} -1 scope)
    # A function ends where its brace stands under its first word.
    if(file MATCHES "cpp$")
      string(FIND "${scope}" "\n}\n" end)
    else()
      string(FIND "${scope}" "\n  }\n" end)
    endif()
    string(SUBSTRING "${scope}" 0 ${end} scope)
  endif()
  string(FIND "${scope}" "${text}" first)
  if(first LESS 0)
    message(FATAL_ERROR "check ${name}: no \"${text}\" behind \"${behind}\" in ${file}: bring checks/ up to date")
  endif()
  if(text MATCHES ";$")
    set(woven "if (::signalbox::model::is_out(${number})) { ${without} } else { ${text} }")
  else()
    set(woven "(::signalbox::model::is_out(${number}) ? (${without}) : (${text}))")
  endif()
  math(EXPR at "${begin} + ${first}")
  string(LENGTH "${text}" length)
  math(EXPR rest_at "${at} + ${length}")
  string(SUBSTRING "${whole}" 0 ${at} head)
  string(SUBSTRING "${whole}" ${rest_at} -1 rest)
  set(text_of_${file} "${head}${woven}${rest}" PARENT_SCOPE)
endfunction()
