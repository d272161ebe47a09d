/* A network that an ONNX-to-C compiler wrote, compared on the device with what its file gives on a host. Both files are
   made: classifier.c by the compiler, classifier_io.h by constexport emit c-header --test-data. */
#include "classifier.c"
#include "classifier_io.h"

#include <math.h>

/* In the header's types: a network of another dtype, size or shape does not compile. */
void classifier(const classifier_image_t image, classifier_scores_t scores);

int count_differences(void) {
  static classifier_scores_t scores;
  float const *const found = scores[0], *const expected = classifier_scores_expected[0];
  int differences = 0;
  classifier(classifier_image_test, scores);
  for (int i = 0; i < CLASSIFIER_SCORES_SIZE; ++i)
    if (!(fabsf(found[i] - expected[i]) <= 1e-5f)) ++differences; /* a NaN differs, too */
  return differences;
}
