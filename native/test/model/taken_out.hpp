/// Which of the core's checks are taken out of the execution that runs. take_out.cmake puts `is_out` beside each check of the
/// tables in checks/. One thread.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

namespace signalbox::model {

/// A check of the core: its name, part of the title of the play that breaks without it (or nothing), and why it is needed.
struct Check {
  const char* name;
  const char* seen_by;
  const char* why;
};

/// In the order of their numbers. CMakeLists.txt makes it of the tables.
const std::vector<Check>& checks();

/// The numbers of "NAME+NAME". Ends the process if a name is none.
std::vector<std::size_t> checks_of(const std::string& names);

inline constexpr std::size_t kChecksMax = 256;
inline bool taken_out[kChecksMax] = {};

inline bool is_out(std::size_t number) noexcept { return taken_out[number]; }

}  // namespace signalbox::model
