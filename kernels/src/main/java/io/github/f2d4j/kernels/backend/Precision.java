package io.github.f2d4j.kernels.backend;

import io.github.f2d4j.engine.types.DType;
import io.github.f2d4j.kernels.catalog.ElementType;
import io.github.f2d4j.kernels.cublas.DataType;
import io.github.f2d4j.kernels.cudnn.ConvolutionSpec;

/** A type that kernels compute on, under the name that each library knows it by. */
public enum Precision {
  /** float32, without the shortcuts of TF32. */
  F32(DType.F32, ElementType.F32, DataType.FLOAT32, ConvolutionSpec.Type.FLOAT32),
  /** float16 in memory, float32 in sums. */
  F16(DType.F16, ElementType.F16, DataType.FLOAT16, ConvolutionSpec.Type.FLOAT16),
  /** bfloat16 in memory, float32 in sums. */
  BF16(DType.BF16, ElementType.BF16, DataType.BFLOAT16, ConvolutionSpec.Type.BFLOAT16);

  private final DType dtype;
  private final ElementType element;
  private final DataType data;
  private final ConvolutionSpec.Type convolution;

  Precision(DType dtype, ElementType element, DataType data, ConvolutionSpec.Type convolution) {
    this.dtype = dtype;
    this.element = element;
    this.data = data;
    this.convolution = convolution;
  }

  /** The engine's name. */
  public DType dtype() {
    return dtype;
  }

  /** The kernels' name. */
  ElementType element() {
    return element;
  }

  /** cuBLAS's name. */
  DataType data() {
    return data;
  }

  /** cuDNN's name. */
  ConvolutionSpec.Type convolution() {
    return convolution;
  }

  /** Bytes of an element. */
  int bytes() {
    return element.bytes();
  }

  /** The precision that {@code dtype} is. */
  static Precision of(DType dtype) {
    for (Precision p : values()) {
      if (p.dtype == dtype) {
        return p;
      }
    }
    throw new IllegalArgumentException("kernels compute on F32, F16 and BF16, not " + dtype);
  }
}
