{
  # One list of sources and flags for both gyp doors: the repository's root binding.gyp and native/binding.gyp.
  "targets": [
    {
      "target_name": "signalbox",
      "sources": [
        "binding/addon.cpp",
        "binding/attachment.cpp",
        "binding/event_calls.cpp",
        "binding/ledger_calls.cpp",
        "binding/ring_calls.cpp",
        "region/region.cpp",
      ],
      "defines": ["NAPI_VERSION=8", "NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED"],
      "cflags_cc!": ["-std=gnu++17", "-std=gnu++20", "-std=gnu++14"],
      "cflags_cc": ["-std=c++20", "-O3", "-Wall", "-Wextra", "-fvisibility=hidden"],
      "xcode_settings": {
        "CLANG_CXX_LANGUAGE_STANDARD": "c++20",
        "GCC_SYMBOLS_PRIVATE_EXTERN": "YES",
        "MACOSX_DEPLOYMENT_TARGET": "11.0",
      },
    },
  ],
}
