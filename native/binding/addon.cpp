/// The addon's module object: `attach` and the layout table. Node-API 8; every environment (a worker) gets its own.
#include <napi.h>

#include "attachment.hpp"

namespace {

class SignalboxAddon : public Napi::Addon<SignalboxAddon> {
 public:
  SignalboxAddon(Napi::Env env, Napi::Object exports) {
    exports.Set("layout", layout_object(env));
    napi_value attach = nullptr;
    napi_create_function(env, "attach", NAPI_AUTO_LENGTH, signalbox::binding::attach, nullptr, &attach);
    exports.Set("attach", Napi::Value(env, attach));
    exports.Set("compiler", Napi::String::New(env, compiler()));
  }

 private:
  /// Constants by name, as bigints: some of them use all 64 bits.
  static Napi::Object layout_object(Napi::Env env) {
    Napi::Object table = Napi::Object::New(env);
    for (const signalbox::LayoutConstant& constant : signalbox::layout_table()) {
      table.Set(constant.name, Napi::BigInt::New(env, constant.value));
    }
    using signalbox::binding::Page;
    static constexpr struct {
      const char* name;
      std::size_t value;
    } kPage[] = {
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
    for (const auto& constant : kPage) table.Set(constant.name, Napi::BigInt::New(env, std::uint64_t{constant.value}));
    return table;
  }

  static std::string compiler() {
#if defined(__clang__)
    return std::string("clang ") + __clang_version__;
#elif defined(__GNUC__)
    return std::string("gcc ") + __VERSION__;
#else
    return "unknown";
#endif
  }
};

}  // namespace

NODE_API_NAMED_ADDON(signalbox, SignalboxAddon)
