# make        build the programs          make demo   a small study from generated scenes to the report
# make test   build all, run every test   PRESET=no-trainer|dev|asan|tsan chooses another build
PRESET ?= release
BUILD := build/$(PRESET)
NO_TRAINER := $(if $(filter no-trainer asan tsan,$(PRESET)),--no-trainer)

.PHONY: build demo test packages clean
build: packages $(BUILD)/build.ninja
	@cmake --build --preset $(PRESET) --target programs -j $$(scripts/build-jobs)

packages:
	@scripts/install-packages $(NO_TRAINER)

$(BUILD)/build.ninja: | packages
	@cmake --preset $(PRESET) $(CMAKE_ARGS)

demo: build
	@scripts/demo $(BUILD)

test: packages $(BUILD)/build.ninja
	@cmake --build --preset $(PRESET) -j $$(scripts/build-jobs)
	@scripts/check-format
	@ctest --preset $(PRESET) -j $$(scripts/build-jobs) $(CTEST_ARGS)
	@scripts/check-tidy $(BUILD)

clean:
	rm -rf build
