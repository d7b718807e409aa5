#include "taken_out.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>

namespace signalbox::model {

std::vector<std::size_t> checks_of(const std::string& names) {
  std::vector<std::size_t> numbers;
  std::size_t begin = 0;
  do {
    const std::size_t end = std::min(names.find('+', begin), names.size());
    const std::string wanted = names.substr(begin, end - begin);
    std::size_t number = 0;
    while (number < checks().size() && wanted != checks()[number].name) ++number;
    if (number == checks().size() || number >= kChecksMax) {
      std::fprintf(stderr, "no check is called %s\n", wanted.c_str());
      std::exit(2);
    }
    numbers.push_back(number);
    begin = end + 1;
  } while (begin < names.size());
  return numbers;
}

}  // namespace signalbox::model
