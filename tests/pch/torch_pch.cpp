// Only carries the precompiled header; see meson.build.
