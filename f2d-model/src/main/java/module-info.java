/** Face2Diffusion: text and identity encoders, UNet, VAE, samplers, pipeline and command line. */
module io.github.f2d4j.model {
  requires transitive io.github.f2d4j.engine;
  requires transitive io.github.f2d4j.weights;
  requires transitive com.fasterxml.jackson.databind;
  requires static jdk.jfr;
  requires static transitive org.jspecify;
  requires com.drew.metadata;
  requires commons.math3;
  requires info.picocli;
  requires java.desktop;
  requires jdk.management;
  requires me.tongfei.progressbar;

  exports io.github.f2d4j.model.card;
  exports io.github.f2d4j.model.checkpoint;
  exports io.github.f2d4j.model.clip;
  exports io.github.f2d4j.model.demo;
  exports io.github.f2d4j.model.expression;
  exports io.github.f2d4j.model.face;
  exports io.github.f2d4j.model.identity;
  exports io.github.f2d4j.model.image;
  exports io.github.f2d4j.model.layout;
  exports io.github.f2d4j.model.mapping;
  exports io.github.f2d4j.model.origin;
  exports io.github.f2d4j.model.pipeline;
  exports io.github.f2d4j.model.plan;
  exports io.github.f2d4j.model.replay;
  exports io.github.f2d4j.model.scheduler;
  exports io.github.f2d4j.model.text;
  exports io.github.f2d4j.model.unet;
  exports io.github.f2d4j.model.vae;

  opens io.github.f2d4j.model.cli to
      info.picocli;
}
