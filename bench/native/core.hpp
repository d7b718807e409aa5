#pragma once

#include <node_api.h>

/// Adds `core`: the region's operations in C++ alone.
void add_core(napi_env env, napi_value exports);
