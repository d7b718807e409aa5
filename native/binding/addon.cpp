/// The addon's module object: `attach`, `setErrorMaker`, the layout table and the compiler. Node-API 8; every environment (a worker) gets its own.
///
/// An environment may be ending while the addon loads into it: a worker that is terminated. Then any call of Node's may fail. Whatever
/// fails ends the loading without a word: nobody is left to be told. No C++ exception may leave here, across Node's frames: it would
/// end the process.
#include <node_api.h>

#include <iterator>
#include <vector>

#include "attachment.hpp"

namespace signalbox::binding {

namespace {

struct PageConstant {
  const char* name;
  std::size_t value;
};

constexpr PageConstant kPage[] = {
    {"pageControlWords", Page::kControlWords},
    {"pageId", Page::kId},
    {"pageRecord", Page::kRecord},
    {"pageRows", Page::kRows},
    {"pageStatus", Page::kStatus},
    {"pageHandle", Page::kHandle},
    {"pageLifecycle", Page::kLifecycle},
    {"pageSpent", Page::kSpent},
    {"pageType", Page::kType},
    {"pageSymbol", Page::kSymbol},
    {"pageIdBytes", Page::kIdBytes},
    {"pageIdHash", Page::kIdHash},
    {"pageCount", Page::kCount},
    {"pageTo", Page::kTo},
    {"pageToken", Page::kToken},
    {"pageSettled", Page::kSettled},
    {"pageCapital", Page::kCapital},
    {"pageNow", Page::kNow},
    {"pageIdlePots", Page::kIdlePots},
    {"pageRefused", Page::kRefused},
    {"pageParticipant", Page::kParticipant},
    {"pageOwnerTag", Page::kOwnerTag},
    {"pageRingVersion", Page::kRingVersion},
    {"pageRingAttempts", Page::kRingAttempts},
    {"pageRingFirst", Page::kRingFirst},
    {"pageRingCount", Page::kRingCount},
    {"pageRingPayload", Page::kRingPayload},
};

constexpr const char* kCompiler =
#if defined(__clang__)
    "clang " __clang_version__;
#elif defined(__GNUC__)
    "gcc " __VERSION__;
#else
    "unknown";
#endif

/// Constants by name, as bigints: some of them use all 64 bits. nullptr if the environment refuses.
napi_value layout_object(napi_env env) {
  std::vector<napi_property_descriptor> properties;
  properties.reserve(layout_table().size() + std::size(kPage));
  const auto add = [&](const char* name, std::uint64_t value) {
    napi_value number = nullptr;
    if (napi_create_bigint_uint64(env, value, &number) != napi_ok) return false;
    properties.push_back(data_property(name, number));
    return true;
  };
  for (const LayoutConstant& constant : layout_table()) {
    if (!add(constant.name, constant.value)) return nullptr;
  }
  for (const PageConstant& constant : kPage) {
    if (!add(constant.name, constant.value)) return nullptr;
  }
  return object_of(env, properties);
}

napi_value init(napi_env env, napi_value exports) {
  napi_value layout = layout_object(env);
  napi_value attaches = nullptr;
  napi_value sets_error_maker = nullptr;
  napi_value compiler = nullptr;
  if (layout == nullptr || napi_create_function(env, "attach", NAPI_AUTO_LENGTH, attach, nullptr, &attaches) != napi_ok ||
      napi_create_function(env, "setErrorMaker", NAPI_AUTO_LENGTH, set_error_maker, nullptr, &sets_error_maker) != napi_ok ||
      napi_create_string_utf8(env, kCompiler, NAPI_AUTO_LENGTH, &compiler) != napi_ok) {
    return nullptr;
  }
  const napi_property_descriptor properties[] = {
      data_property("layout", layout),
      data_property("attach", attaches),
      data_property("setErrorMaker", sets_error_maker),
      data_property("compiler", compiler),
  };
  return napi_define_properties(env, exports, std::size(properties), properties) == napi_ok ? exports : nullptr;
}

}  // namespace

}  // namespace signalbox::binding

NAPI_MODULE_INIT() { return signalbox::binding::init(env, exports); }
