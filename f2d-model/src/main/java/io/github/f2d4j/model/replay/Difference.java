package io.github.f2d4j.model.replay;

/**
 * Something of which a picture was made that is not the same here and now.
 *
 * @param ingredient what: {@code weights of unet}, {@code version of f2d4j}, {@code prompt} …
 * @param recorded what it was when the picture was made
 * @param here what it is now
 * @param remedy what to do
 */
public record Difference(String ingredient, String recorded, String here, String remedy) {
  /** One line. */
  @Override
  public String toString() {
    return ingredient + ": recorded " + recorded + ", here " + here + "; " + remedy;
  }
}
