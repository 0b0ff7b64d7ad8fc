package io.github.f2d4j.model.replay;

import io.github.f2d4j.model.image.PngTexts;
import io.github.f2d4j.model.origin.LibraryVersion;
import java.util.Map;

/**
 * Says in the form that photo agencies, search engines and social networks read that a picture was
 * made by a trained model: IPTC's digital source type in an XMP packet.
 *
 * @see <a href="https://cv.iptc.org/newscodes/digitalsourcetype/">IPTC digital source types</a>
 */
public final class Xmp {
  /** IPTC's term for pictures that a model made which was trained on others. */
  public static final String TRAINED_ALGORITHMIC_MEDIA =
      "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia";

  private Xmp() {}

  /** The packet; the same for every picture of this version. */
  public static String packet() {
    return """
    <?xpacket begin="\uFEFF" id="W5M0MpCehiHzreSzNTczkc9d"?>
    <x:xmpmeta xmlns:x="adobe:ns:meta/">
     <rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
      <rdf:Description rdf:about=""
        xmlns:xmp="http://ns.adobe.com/xap/1.0/"
        xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/"
        xmp:CreatorTool="%s"
        Iptc4xmpExt:DigitalSourceType="%s"/>
     </rdf:RDF>
    </x:xmpmeta>
    <?xpacket end="r"?>\
    """
        .formatted(LibraryVersion.NAME_AND_VERSION, TRAINED_ALGORITHMIC_MEDIA);
  }

  /** The packet as a text of a PNG file. */
  public static Map<String, String> texts() {
    return Map.of(PngTexts.XMP, packet());
  }
}
