#include "taken_out.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace signalbox::model {

const std::vector<Check>& checks() {
  static const std::vector<Check> all = {
#include "checks.inc"
  };
  return all;
}

std::vector<std::size_t> checks_of(const std::string& names) {
  std::vector<std::size_t> numbers;
  for (std::size_t begin = 0; begin < names.size();) {
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
  }
  return numbers;
}

}  // namespace signalbox::model
