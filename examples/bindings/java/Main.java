// The exported solution from Java by JNI, checked against the points in vectors.csv: x,t,u,u_x.
//
// $ javac -Werror -Xlint:all -h . Main.java
// $ cc -O3 -fPIC -shared -I"$JAVA_HOME/include" -I"$JAVA_HOME/include/linux" jni.c solution.c -lm -o libsolution.so
// $ java -Djava.library.path=. Main vectors.csv
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

public final class Main {
    static {
        System.loadLibrary("solution");
    }

    /** u and u_x at each point; all arrays are of one length. */
    static native int evaluate(double[] x, double[] t, double[] u, double[] u_x);

    static double[] column(List<String> lines, int number) {
        return lines.stream().skip(1).mapToDouble(line -> Double.parseDouble(line.split(",")[number])).toArray();
    }

    public static void main(String[] arguments) throws IOException {
        List<String> lines = Files.readAllLines(Path.of(arguments[0]));
        double[] x = column(lines, 0), t = column(lines, 1);
        double[] u = new double[x.length], u_x = new double[x.length];
        if (x.length == 0 || evaluate(x, t, u, u_x) != 0) {
            throw new IllegalStateException("no points, or arrays of different lengths");
        }
        double[] expected_u = column(lines, 2), expected_u_x = column(lines, 3);
        for (int p = 0; p < x.length; p++) {
            if (!(Math.abs(u[p] - expected_u[p]) <= 1e-12 && Math.abs(u_x[p] - expected_u_x[p]) <= 1e-12)) {
                throw new IllegalStateException("point " + p + " differs: u = " + u[p] + ", u_x = " + u_x[p]);
            }
        }
        System.out.println(x.length + " points are equal");
    }
}
